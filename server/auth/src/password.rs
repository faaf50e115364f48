//! Password hashes: Argon2id, and to read only those of imported accounts, on threads of a low priority, as many at once as there are cores.
//!
//! A hash takes 19 MiB and tens of milliseconds. On async workers, a burst of log-ins would slow all sockets.
//!
//! **Invariant:** one user or address cannot keep others waiting: each has as many permits as there are cores, and
//! waits for a thread only with one of these.

use crate::imported;
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc},
};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use std::{sync::Arc, time::Duration};
use tandem_runtime::{
    permits::Permits,
    threads::{Nice, Threads},
};
use tokio::time::timeout;

/// OWASP's first choice where memory is scarce: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// The sizes that the library uses.
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;
/// The longest wait for a free core; then the request is refused.
const MAX_WAIT: Duration = Duration::from_secs(2);

/// Why a password could not be hashed or checked.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Every core has been busy with hashes for longer than a request waits.
    #[error("too many log-ins at once")]
    Busy,
    /// The stored hash is not one, or hashing failed.
    #[error("hashing failed: {0}")]
    Broken(String),
}

/// The result of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PasswordCheck {
    Wrong,
    Right,
    /// It is right, but hashed with weaker parameters than today's or in the form of another system; with the new hash.
    Outdated(String),
}

/// Hashes and checks passwords, at most one per core at a time.
#[derive(Clone, Debug)]
pub struct Passwords {
    threads: Threads,
    /// By user or address, see [`Passwords::hash`].
    of_each: Arc<Permits<String>>,
    /// A hash that no password has, for accounts that do not exist: their check takes the same time.
    nobody: Arc<str>,
}

impl Passwords {
    /// Creates hashing for this many cores.
    ///
    /// # Errors
    /// [`PasswordError::Broken`] when the system has no random numbers.
    pub fn new(cores: usize) -> Result<Self, PasswordError> {
        let threads = Threads::new("password", Nice::LAST, cores);
        Ok(Self { threads, of_each: Permits::new(cores.max(1)), nobody: hash_of_nobody()?.into() })
    }

    /// The PHC string for a new password, in its normal form. `whose` is the key of the limit: the signed-in user, else
    /// an address.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] when no core is free within two seconds, [`PasswordError::Broken`] when hashing fails.
    pub async fn hash(&self, whose: &str, normal: String) -> Result<String, PasswordError> {
        self.on_thread(whose, move || hash_now(&normal)).await
    }

    /// Checks a password against a stored hash. Without one (no such account, or one without password) it takes the
    /// same time and returns [`PasswordCheck::Wrong`].
    ///
    /// `any_form` is for servers with accounts of another system, whose hashes take longer: whatever is stored then costs
    /// a hash of each form, so that the time does not show who has come from there.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] when no core is free within two seconds, [`PasswordError::Broken`] when the stored hash
    /// is not a PHC string.
    pub async fn verify(
        &self,
        whose: &str,
        normal: String,
        stored: Option<String>,
        any_form: bool,
    ) -> Result<PasswordCheck, PasswordError> {
        let nobody = Arc::clone(&self.nobody);
        self.on_thread(whose, move || {
            let is_imported = stored.as_deref().is_some_and(is_known);
            if any_form && is_imported {
                verify_now(&normal, &nobody)?;
            }
            let check = match stored {
                Some(stored) => verify_now(&normal, &stored)?,
                None => verify_now(&normal, &nobody).map(|_| PasswordCheck::Wrong)?,
            };
            if any_form && !is_imported {
                verify_imported(&imported::nobody(), &normal)?;
            }
            Ok(check)
        })
        .await
    }

    async fn on_thread<T: Send + 'static>(
        &self,
        whose: &str,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        // In this order: a request that waits for a thread holds one of the few permits of its key.
        let permits = async {
            let of_each = self.of_each.acquire(whose.to_owned()).await;
            (of_each, self.threads.acquire().await)
        };
        let Ok((of_each, thread)) = timeout(MAX_WAIT, permits).await else { return Err(PasswordError::Busy) };
        // The permit goes with the work, which continues on its thread when the caller gives up.
        thread.map_err(broken)?.run(of_each, work).await.map_err(broken)?
    }
}

fn argon2() -> Result<Argon2<'static>, PasswordError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(broken)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash_now(normal: &str) -> Result<String, PasswordError> {
    tracing::debug!(form = "argon2id", "a password is hashed");
    Ok(argon2()?.hash_password(normal.as_bytes()).map_err(broken)?.to_string())
}

/// A PHC string with random bytes in place of the hash: no password has it, and making it costs nothing.
fn hash_of_nobody() -> Result<String, PasswordError> {
    let mut bytes = [0; SALT_BYTES + HASH_BYTES];
    getrandom::fill(&mut bytes).map_err(broken)?;
    let (salt, hash) = bytes.split_at(SALT_BYTES);
    let [salt, hash] = [salt, hash].map(|bytes| STANDARD_NO_PAD.encode(bytes));
    Ok(format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${hash}"))
}

/// Whether a stored hash of another system can be checked.
pub fn is_known(stored: &str) -> bool {
    imported::parse(stored).is_some()
}

fn verify_imported(hash: &imported::ImportedHash<'_>, normal: &str) -> Result<bool, PasswordError> {
    tracing::debug!(form = "scrypt", "a password is compared");
    hash.verify(normal).map_err(broken)
}

fn verify_now(normal: &str, stored: &str) -> Result<PasswordCheck, PasswordError> {
    if let Some(hash) = imported::parse(stored) {
        let right = verify_imported(&hash, normal)?;
        return if right { hash_now(normal).map(PasswordCheck::Outdated) } else { Ok(PasswordCheck::Wrong) };
    }
    let parsed = phc::PasswordHash::new(stored).map_err(broken)?;
    tracing::debug!(form = "argon2id", "a password is compared");
    if argon2()?.verify_password(normal.as_bytes(), &parsed).is_err() {
        return Ok(PasswordCheck::Wrong);
    }
    let params = Params::try_from(&parsed).map_err(broken)?;
    let weaker = params.m_cost() < MEMORY_KIB || params.t_cost() < PASSES;
    if weaker { hash_now(normal).map(PasswordCheck::Outdated) } else { Ok(PasswordCheck::Right) }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn broken(error: impl ToString) -> PasswordError {
    PasswordError::Broken(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_recognised_and_another_is_not() {
        let passwords = Passwords::new(2).unwrap();
        let stored = passwords.hash("ann", "correct horse".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_eq!(
            passwords.verify("ann", "correct horse".into(), Some(stored.clone()), false).await.unwrap(),
            PasswordCheck::Right
        );
        assert_eq!(
            passwords.verify("ann", "wrong horse".into(), Some(stored), false).await.unwrap(),
            PasswordCheck::Wrong
        );
        assert_eq!(passwords.verify("ann", "correct horse".into(), None, false).await.unwrap(), PasswordCheck::Wrong);
    }

    #[tokio::test]
    async fn whoever_asks_for_many_keeps_nobody_else_waiting() {
        let passwords = Passwords::new(1).unwrap();
        let ann: Vec<_> = (0..40).map(|_| Box::pin(passwords.hash("ann", "correct horse".into()))).collect();
        let many = futures_util::future::join_all(ann);
        let other = async {
            // Ann's stand in line first.
            tokio::task::yield_now().await;
            passwords.hash("ben", "correct horse".into()).await.unwrap();
        };
        tokio::select! {
            biased;
            _ = many => panic!("the other one waited for all"),
            () = other => {}
        }
    }

    #[test]
    fn nobody_has_a_hash_of_todays_cost() {
        let (nobody, somebody) = (hash_of_nobody().unwrap(), hash_now("correct horse").unwrap());
        let cost = |hash: &str| phc::PasswordHash::new(hash).map(|hash| Params::try_from(&hash).unwrap()).unwrap();
        assert_eq!((cost(&nobody), nobody.len()), (cost(&somebody), somebody.len()));
    }

    #[tokio::test]
    async fn every_form_can_be_compared_for_everybody() {
        let passwords = Passwords::new(1).unwrap();
        let stored = passwords.hash("ann", "correct horse".into()).await.unwrap();
        let imported = "936a170e94229920c07dedeb6c437c75:3b7d491f2472b6cf29ccf848289deb423186e591d75fbd7bba8f3a316d391f77\
                        dfd155905d9463f9071d519e0168d589300ab7d52c084efb1685c789076dc2e7";
        for (password, stored, right) in [
            ("correct horse", Some(stored.clone()), true),
            ("12345678", Some(stored), false),
            ("12345678", Some(imported.to_owned()), true),
            ("correct horse", Some(imported.to_owned()), false),
            ("correct horse", None, false),
        ] {
            let check = passwords.verify("ann", password.into(), stored, true).await.unwrap();
            assert_eq!(check != PasswordCheck::Wrong, right, "{check:?}");
        }
    }

    #[tokio::test]
    async fn a_weaker_hash_is_replaced() {
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8192, 1, 1, None).unwrap());
        let stored = weak.hash_password(b"correct horse").unwrap().to_string();
        let check =
            Passwords::new(1).unwrap().verify("ann", "correct horse".into(), Some(stored), false).await.unwrap();
        assert!(matches!(check, PasswordCheck::Outdated(new) if new.contains("m=19456,t=2")));
    }
}
