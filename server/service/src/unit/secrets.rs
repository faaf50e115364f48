//! Secrets that an answer shows once, also when its request is repeated.
//!
//! A client to which the first answer did not arrive repeats the request under the same `Idempotency-Key`, and has no other way
//! to the secret. But the answer that is stored for the repetition must not hold it: secrets are stored as their hashes.
//! So the secret of a request with a key is computed, from a key of the server and what the request has created, and is
//! computed again for the repetition.
//!
//! **Invariant:** what is stored shows no secret to anybody without the keys of the server.

use super::{CommandKey, Result, ServiceError, UnitOfWork};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tandem_auth::secret::Secret;

const CREATED: u16 = 201;

/// What is stored of an answer that shows a secret.
#[derive(Serialize, Deserialize)]
struct StoredAnswer<T> {
    /// The name of the server's key with which the secret is computed.
    key: String,
    created: T,
}

impl UnitOfWork {
    /// What the request under this key has created before, and its secret. With one, the caller must change nothing.
    ///
    /// # Errors
    /// [`ServiceError::IdempotencyConflict`] when the key was used for another request, [`ServiceError::Conflict`] when the
    /// server has no longer the key with which the secret was computed.
    pub(crate) async fn created_before<T>(
        &mut self,
        command: Option<CommandKey>,
        prefix: &str,
    ) -> Result<Option<(T, Secret)>>
    where
        T: Serialize + DeserializeOwned,
    {
        let Some(command) = command else { return Ok(None) };
        self.command = Some(command);
        let Some(outcome) = self.answer_to(command).await? else { return Ok(None) };
        let StoredAnswer { key, created } = serde_json::from_str(outcome.body.get())?;
        let message = message(command, &created)?;
        let secret = self.services.deps.keys.secret(&key, prefix, &message).ok_or_else(|| {
            ServiceError::conflict(
                "This was created before, and what it showed once cannot be shown again. Create another one.",
            )
        })?;
        Ok(Some((created, secret)))
    }

    /// A secret for what this unit creates. It is written down for a repetition of the request, if that has a key.
    ///
    /// # Errors
    /// A failure of the database, here or at the commit.
    pub(crate) async fn new_secret<T: Serialize>(&mut self, prefix: &str, created: &T) -> Result<Secret> {
        let Some(command) = self.command else { return Ok(Secret::random(prefix)) };
        let keys = &self.services.deps.keys;
        let (key, message) = (keys.first().to_owned(), message(command, created)?);
        let secret = keys
            .secret(&key, prefix, &message)
            .ok_or_else(|| ServiceError::Internal(anyhow::anyhow!("the first key is gone")))?;
        let answer = self.outcome(CREATED, &StoredAnswer { key, created })?;
        self.save_answer(&answer).await?;
        Ok(secret)
    }
}

/// What a secret is computed from: the request, and what it has created, which is new each time by its id and its moment.
fn message<T: Serialize>(command: CommandKey, created: &T) -> Result<Vec<u8>> {
    Ok([command.id().0.as_bytes().to_vec(), serde_json::to_vec(created)?].concat())
}
