//! Tokens that only the holder of a key could make, for tests of what is checked behind the signature.

use super::KeyRing;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use serde_json::Value;

impl KeyRing {
    /// Signs any header and claims with the first key.
    ///
    /// # Panics
    /// Never: HMAC signs any bytes.
    #[must_use]
    pub fn forge(&self, header: &Value, claims: &Value) -> String {
        let text = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
        let signature = jsonwebtoken::crypto::sign(text.as_bytes(), &self.keys[0].sign, Algorithm::HS256);
        format!("{text}.{}", signature.expect("HMAC signs"))
    }
}
