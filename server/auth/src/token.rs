//! Access tokens: JWTs that name a session, for ten minutes.
//!
//! The library checks the signature. Everything else is checked here and strictly, because its defaults accept a token
//! that is a minute over, one that is not valid yet, and one without issuer (RFC 8725 describes the attacks).
//!
//! **Invariant:** a token is accepted only in our own form: a known key, our algorithm, type, issuer and audience, and
//! nothing more in its header.

#[cfg(any(test, feature = "testing"))]
mod forge;
mod hmac_provider;

use super::{secret::Secret, weak::is_weak};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::{fmt, time::Duration};
use tandem_protocol::{SessionId, Timestamp, UserId};
use uuid::Uuid;

/// The longest token that is read, in bytes.
const MAX_TOKEN_BYTES: usize = 4096;
/// The most by which clocks of nodes differ, in seconds.
const LEEWAY_SECONDS: i64 = 5;
/// Shortest secret, in bytes: as long as the hash (RFC 7518, section 3.2).
pub const MIN_SECRET_BYTES: usize = 32;
const ISSUER: &str = "tandem";
const AUDIENCE: &str = "tandem-api";
const TYPE: &str = "at+jwt";

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not one of ours, or not of this kind.
    #[error("the token is not valid")]
    Invalid,
    /// It is one of ours, but expired.
    #[error("the token has expired")]
    Expired,
}

/// Why the key list cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("expected kid:secret, comma-separated")]
    Syntax,
    #[error("the secret of key {0:?} has under {MIN_SECRET_BYTES} bytes")]
    TooShort(String),
    #[error("key {0:?} is listed twice")]
    Twice(String),
}

/// The content of a valid token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessClaims {
    pub user: UserId,
    pub session: SessionId,
    pub expires_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    sid: SessionId,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: Uuid,
}

/// The header of a token; any other member (`crit`, `jku`, `jwk`, `x5u`, …) is refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StrictHeader {
    alg: String,
    kid: String,
    typ: String,
}

struct Key {
    kid: String,
    secret: Vec<u8>,
    sign: EncodingKey,
    verify: DecodingKey,
}

/// The keys: the first signs, all verify, so that a key is replaced without ending sessions.
pub struct KeyRing {
    keys: Vec<Key>,
    lifetime: Duration,
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|key| &key.kid)).finish()
    }
}

impl KeyRing {
    /// Reads `kid:secret, …`, the form of `TANDEM_JWT_SECRETS`. `lifetime` is that of the tokens.
    ///
    /// # Errors
    /// [`KeyError`]: the list is empty or not in this form, a secret is too short, or a name is there twice.
    pub fn parse(list: &str, lifetime: Duration) -> Result<Self, KeyError> {
        hmac_provider::install();
        let mut keys: Vec<Key> = Vec::new();
        for entry in list.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            let (kid, secret) = entry.split_once(':').ok_or(KeyError::Syntax)?;
            if secret.len() < MIN_SECRET_BYTES {
                return Err(KeyError::TooShort(kid.to_owned()));
            }
            if keys.iter().any(|key| key.kid == kid) {
                return Err(KeyError::Twice(kid.to_owned()));
            }
            keys.push(Key {
                kid: kid.to_owned(),
                secret: secret.as_bytes().to_vec(),
                sign: EncodingKey::from_secret(secret.as_bytes()),
                verify: DecodingKey::from_secret(secret.as_bytes()),
            });
        }
        if keys.is_empty() { Err(KeyError::Syntax) } else { Ok(Self { keys, lifetime }) }
    }

    /// The name of the first key in a list, as [`KeyRing::parse`] reads it, whose secret can be guessed.
    pub fn weak(list: &str) -> Option<String> {
        let entries = list.split(',').filter_map(|entry| entry.trim().split_once(':'));
        entries.into_iter().find(|(_, secret)| is_weak(secret)).map(|(kid, _)| kid.to_owned())
    }

    /// The name of the key that signs.
    pub fn first(&self) -> &str {
        // `parse` refuses an empty list.
        &self.keys[0].kid
    }

    /// The secret that a key makes of a message, the same each time. `None` when there is no key of this name.
    pub fn secret(&self, kid: &str, prefix: &str, message: &[u8]) -> Option<Secret> {
        let key = self.keys.iter().find(|key| key.kid == kid)?;
        let mac = Hmac::<Sha256>::new_from_slice(&key.secret).ok()?;
        // A token is signed as text without such a byte, so none can be had by this way.
        let bytes = mac.chain_update(b"secret\0").chain_update(message).finalize().into_bytes();
        Some(Secret::of_bytes(prefix, &bytes.into()))
    }

    /// A name for something that nobody can find out or test without the first key. It is the same until that key is replaced.
    ///
    /// # Panics
    /// Never: HMAC takes keys of any length.
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    pub fn pseudonym(&self, message: &[u8]) -> String {
        let mac = Hmac::<Sha256>::new_from_slice(&self.keys[0].secret).expect("HMAC takes keys of any length");
        // As for secrets; and no secret is made of a message that begins like this.
        let hash = mac.chain_update(b"name\0").chain_update(message).finalize().into_bytes();
        URL_SAFE_NO_PAD.encode(&hash[..16])
    }

    /// A token for a session, and its lifetime in seconds. It never outlives the session.
    ///
    /// # Panics
    /// Never: signing with HMAC cannot fail.
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length and claims always serialise")]
    pub fn issue(
        &self,
        user: &UserId,
        session: SessionId,
        session_end: Timestamp,
        now: Timestamp,
        jti: Uuid,
    ) -> (String, i64) {
        let iat = now.as_millis() / 1000;
        let exp = now.plus(self.lifetime).min(session_end).as_millis() / 1000;
        // `parse` refuses an empty list.
        let key = &self.keys[0];
        let header = Header { typ: Some(TYPE.into()), kid: Some(key.kid.clone()), ..Header::new(Algorithm::HS256) };
        let claims = Claims {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            sub: user.to_string(),
            sid: session,
            iat,
            nbf: iat,
            exp,
            jti,
        };
        (jsonwebtoken::encode(&header, &claims, &key.sign).expect("HMAC signs"), exp - iat)
    }

    /// # Errors
    /// [`TokenError::Expired`] for a token that is ours in everything but its time, [`TokenError::Invalid`] for all
    /// else.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenError> {
        let claims = self.claims(token).ok_or(TokenError::Invalid)?;
        let seconds = now.as_millis() / 1000;
        // The clock of the node that issued it may be ahead by the leeway.
        let not_yet = claims.nbf.max(claims.iat) > seconds + LEEWAY_SECONDS;
        if claims.iss != ISSUER || claims.aud != AUDIENCE || claims.sub.is_empty() || not_yet || claims.exp < claims.iat
        {
            return Err(TokenError::Invalid);
        }
        // And the clock of this node may be ahead of it.
        if claims.exp.saturating_add(LEEWAY_SECONDS) <= seconds {
            return Err(TokenError::Expired);
        }
        Ok(AccessClaims {
            user: UserId::from(claims.sub),
            session: claims.sid,
            expires_at: Timestamp::from_millis(claims.exp.saturating_mul(1000)),
        })
    }

    /// The claims of a token with a valid header and signature.
    fn claims(&self, token: &str) -> Option<Claims> {
        if token.len() > MAX_TOKEN_BYTES {
            return None;
        }
        let header = URL_SAFE_NO_PAD.decode(token.split('.').next()?).ok()?;
        let header: StrictHeader = serde_json::from_slice(&header).ok()?;
        // Before a key is used: the header must not choose the algorithm of its own check (RFC 8725, section 3.1).
        if header.alg != "HS256" || header.typ != TYPE {
            return None;
        }
        // The name of the key is compared only, never used as a path or an address.
        let key = self.keys.iter().find(|key| key.kid == header.kid)?;
        let mut validation = Validation::new(Algorithm::HS256);
        // Checked by `verify`, with our clock and our leeway; the library would take the time itself and allow a
        // minute.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        jsonwebtoken::decode(token, &key.verify, &validation).ok().map(|data| data.claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn ring() -> KeyRing {
        KeyRing::parse(&format!("k1:{SECRET}"), Duration::from_mins(10)).unwrap()
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    fn session() -> SessionId {
        SessionId(Uuid::from_u128(7))
    }

    fn issue(now: i64) -> (String, i64) {
        ring().issue(&UserId::from("u"), session(), at(i64::MAX / 2_000_000), at(now), Uuid::from_u128(1))
    }

    /// A token with changed header or claims, signed with our own key.
    fn forged(change: impl Fn(&mut Value, &mut Value)) -> String {
        let mut header = json!({"alg": "HS256", "kid": "k1", "typ": "at+jwt"});
        let mut claims = json!({"iss": "tandem", "aud": "tandem-api", "sub": "u", "sid": session(), "iat": 1000,
            "nbf": 1000, "exp": 1600, "jti": Uuid::from_u128(1)});
        change(&mut header, &mut claims);
        ring().forge(&header, &claims)
    }

    #[test]
    fn a_token_says_who_asks_until_it_expires() {
        let (token, lives) = issue(1000);
        assert_eq!(lives, 600);
        assert_eq!(ring().verify(&token, at(1001)).unwrap().session, session());
        assert_eq!(ring().verify(&token, at(1604)).map(|claims| claims.expires_at), Ok(at(1600)));
        assert_eq!(ring().verify(&token, at(1605)), Err(TokenError::Expired));
        assert_eq!(ring().verify(&token, at(994)), Err(TokenError::Invalid));
    }

    #[test]
    fn a_token_never_outlives_its_session() {
        let (_, lives) = ring().issue(&UserId::from("u"), session(), at(1100), at(1000), Uuid::nil());
        assert_eq!(lives, 100);
    }

    #[test]
    fn a_new_first_key_logs_nobody_out() {
        let (token, _) = issue(1000);
        let rotated = KeyRing::parse(&format!("k2:{SECRET}xyz,k1:{SECRET}"), Duration::from_mins(10)).unwrap();
        assert!(rotated.verify(&token, at(1001)).is_ok());
    }

    #[test]
    fn a_key_makes_one_secret_of_a_message() {
        let rotated = KeyRing::parse(&format!("k2:{SECRET}xyz,k1:{SECRET}"), Duration::from_mins(10)).unwrap();
        let secret = |ring: &KeyRing, kid: &str, message: &[u8]| ring.secret(kid, "tnd_", message);
        let one = secret(&ring(), "k1", b"one").unwrap();
        assert_eq!(secret(&rotated, "k1", b"one").as_ref(), Some(&one));
        assert!(one.reveal().starts_with("tnd_") && one.reveal().len() == 4 + 43);
        assert_eq!((ring().first(), rotated.first()), ("k1", "k2"));
        for other in [secret(&ring(), "k1", b"two"), secret(&rotated, "k2", b"one"), secret(&ring(), "k2", b"one")] {
            assert_ne!(other.as_ref(), Some(&one));
        }
        assert_eq!(secret(&ring(), "k2", b"one"), None);
    }

    #[test]
    fn a_pseudonym_needs_the_first_key() {
        let rotated = KeyRing::parse(&format!("k2:{SECRET}xyz,k1:{SECRET}"), Duration::from_mins(10)).unwrap();
        let name = ring().pseudonym(b"ann@example.test");
        assert_eq!((name.len(), &name), (22, &ring().pseudonym(b"ann@example.test")));
        assert_ne!(name, ring().pseudonym(b"bea@example.test"));
        assert_ne!(name, rotated.pseudonym(b"ann@example.test"));
    }

    #[test]
    fn everything_but_our_own_form_is_refused() {
        type Change = fn(&mut Value, &mut Value);
        let changes: [(&str, Change); 15] = [
            ("alg none", |h, _| h["alg"] = "none".into()),
            ("alg None", |h, _| h["alg"] = "nOnE".into()),
            ("another HMAC", |h, _| h["alg"] = "HS512".into()),
            ("asymmetric", |h, _| h["alg"] = "RS256".into()),
            ("kid as path", |h, _| h["kid"] = "../../dev/null".into()),
            ("jku", |h, _| h["jku"] = "https://evil.test/keys".into()),
            ("crit", |h, _| h["crit"] = json!(["exp"])),
            ("typ", |h, _| h["typ"] = "JWT".into()),
            ("issuer", |_, c| c["iss"] = "other".into()),
            ("audience", |_, c| c["aud"] = "other".into()),
            ("future nbf", |_, c| c["nbf"] = 9000.into()),
            ("exp as text", |_, c| c["exp"] = "1600".into()),
            ("exp as float", |_, c| c["exp"] = 1600.5.into()),
            ("negative exp", |_, c| c["exp"] = (-1).into()),
            ("foreign sid", |_, c| c["sid"] = "x".into()),
        ];
        assert!(ring().verify(&forged(|_, _| ()), at(1001)).is_ok(), "the forger's own token must be good");
        for (name, change) in changes {
            assert_eq!(ring().verify(&forged(change), at(1001)), Err(TokenError::Invalid), "{name} was taken");
        }
        for claim in ["iss", "aud", "sub", "sid", "iat", "nbf", "exp", "jti"] {
            let token = forged(|_, claims| {
                claims.as_object_mut().unwrap().remove(claim);
            });
            assert_eq!(ring().verify(&token, at(1001)), Err(TokenError::Invalid), "missing {claim} was taken");
        }
        assert_eq!(ring().verify(&"x".repeat(10_000), at(1001)), Err(TokenError::Invalid));
    }

    #[test]
    fn short_and_doubled_keys_are_refused() {
        let parse = |list: &str| KeyRing::parse(list, Duration::from_mins(10)).err();
        assert_eq!(parse("k1:short"), Some(KeyError::TooShort("k1".into())));
        assert_eq!(parse("nothing"), Some(KeyError::Syntax));
        assert_eq!(parse(""), Some(KeyError::Syntax));
        assert_eq!(parse(&format!("a:{SECRET},a:{SECRET}")), Some(KeyError::Twice("a".into())));
    }
}
