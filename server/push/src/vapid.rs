//! Signs pushes (RFC 8292), so that a push service knows who sends them, and that it is the server which the browser has
//! subscribed to.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use serde_json::json;
use std::time::Duration;
use tandem_protocol::Timestamp;
use tandem_store::PushKeyPair;

/// How long a signature is valid; at most a day (RFC 8292, 2).
const VALID: Duration = Duration::from_hours(12);

/// The key could not be made or read, or the generator of random numbers failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key of this server for pushes cannot be used")]
pub struct KeyFault;

/// A new key.
///
/// # Errors
/// [`KeyFault`] when there are no random numbers.
pub fn new_key() -> Result<PushKeyPair, KeyFault> {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).map_err(|_| KeyFault)?;
    let pair =
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).map_err(|_| KeyFault)?;
    Ok(PushKeyPair { private: document.as_ref().to_vec(), public: pair.public_key().as_ref().to_vec() })
}

/// Signs pushes with the key of this server.
pub struct Signer {
    pair: EcdsaKeyPair,
    random: SystemRandom,
    /// Where a push service can ask about this server, a `mailto:` or https address.
    contact: String,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").field("contact", &self.contact).finish_non_exhaustive()
    }
}

impl Signer {
    /// # Errors
    /// [`KeyFault`] when the key is none.
    pub fn new(key: &PushKeyPair, contact: &str) -> Result<Self, KeyFault> {
        let random = SystemRandom::new();
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &key.private, &random).map_err(|_| KeyFault)?;
        Ok(Self { pair, random, contact: contact.to_owned() })
    }

    /// The value of `Authorization` for a push to an origin, such as `https://push.example.com`.
    ///
    /// # Errors
    /// [`KeyFault`] when there are no random numbers.
    pub fn authorization(&self, origin: &str, now: Timestamp) -> Result<String, KeyFault> {
        let expires = now.plus(VALID).as_millis() / 1_000;
        let encode = |text: String| URL_SAFE_NO_PAD.encode(text);
        let head = encode(json!({ "typ": "JWT", "alg": "ES256" }).to_string());
        let claims = encode(json!({ "aud": origin, "exp": expires, "sub": self.contact }).to_string());
        let signed = format!("{head}.{claims}");
        let signature = self.pair.sign(&self.random, signed.as_bytes()).map_err(|_| KeyFault)?;
        let key = URL_SAFE_NO_PAD.encode(self.pair.public_key());
        Ok(format!("vapid t={signed}.{}, k={key}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
    use serde_json::Value;

    #[test]
    fn a_push_service_can_verify_the_signature() {
        let key = new_key().unwrap();
        let signer = Signer::new(&key, "mailto:ann@example.org").unwrap();
        let now = Timestamp::from_millis(1_000_000);
        let header = signer.authorization("https://push.example.com", now).unwrap();
        let (token, public) = header.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        assert_eq!(URL_SAFE_NO_PAD.decode(public).unwrap(), key.public);
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &key.public).verify(signed.as_bytes(), &signature).unwrap();
        let claims = URL_SAFE_NO_PAD.decode(signed.split_once('.').unwrap().1).unwrap();
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        let expected = json!({ "aud": "https://push.example.com", "exp": 44_200, "sub": "mailto:ann@example.org" });
        assert_eq!(claims, expected);
    }

    #[test]
    fn another_key_is_no_key() {
        let broken = PushKeyPair { private: vec![1, 2, 3], public: Vec::new() };
        assert_eq!(Signer::new(&broken, "").unwrap_err(), KeyFault);
        assert_ne!(new_key().unwrap().public, new_key().unwrap().public);
    }
}
