//! A browser that has subscribed: its keys, and how it reads a push (RFC 8291, RFC 8188).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::{
    PublicKey, SecretKey,
    ecdh::diffie_hellman,
    elliptic_curve::{Generate as _, sec1::ToSec1Point as _},
};
use rand::RngExt as _;
use ring::{
    aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    hmac::{HMAC_SHA256, Key, sign},
};
use serde_json::{Value, json};

/// Bytes of the head of a record before the key of the sender.
const HEAD_BYTES: usize = 21;

/// A browser with a subscription.
#[derive(Debug)]
pub struct TestBrowser {
    pub name: String,
    pub endpoint: String,
    secret: SecretKey,
    auth: [u8; 16],
}

impl TestBrowser {
    /// A browser whose push service is at this address.
    #[must_use]
    pub fn at(name: &str, endpoint: &str) -> Self {
        let (secret, auth) = (SecretKey::generate(), rand::rng().random());
        Self { name: name.to_owned(), endpoint: endpoint.to_owned(), secret, auth }
    }

    /// The body of `POST /push/subscriptions` for a device.
    #[must_use]
    pub fn subscription(&self, device: &str) -> Value {
        let keys = json!({
            "p256dh": URL_SAFE_NO_PAD.encode(self.public_key()),
            "auth": URL_SAFE_NO_PAD.encode(self.auth),
        });
        json!({ "endpoint": self.endpoint, "keys": keys, "device_id": device })
    }

    fn public_key(&self) -> Vec<u8> {
        self.secret.public_key().to_sec1_point(false).as_bytes().to_vec()
    }

    /// Decrypts the body of a push.
    pub(super) fn decrypt(&self, body: &[u8]) -> Result<Vec<u8>, &'static str> {
        let (salt, rest) = body.split_at_checked(16).ok_or("no salt")?;
        let (size, rest) = rest.split_at_checked(4).ok_or("no record size")?;
        let size = u32::from_be_bytes(size.try_into().map_err(|_| "no record size")?) as usize;
        let (&length, rest) = rest.split_first().ok_or("no key length")?;
        let (sender, record) = rest.split_at_checked(usize::from(length)).ok_or("no key of the sender")?;
        if record.len() > size || body.len() > 4_096 || sender.len() + HEAD_BYTES + record.len() != body.len() {
            return Err("more than one record, or too long");
        }
        let key = PublicKey::from_sec1_bytes(sender).map_err(|_| "the key of the sender is no point")?;
        let shared = diffie_hellman(self.secret.to_nonzero_scalar(), key.as_affine());
        let info = [b"WebPush: info\0", &self.public_key()[..], sender].concat();
        let input = hkdf(&self.auth, shared.raw_secret_bytes(), &info, 32);
        let content_key = hkdf(salt, &input, b"Content-Encoding: aes128gcm\0", 16);
        let nonce = hkdf(salt, &input, b"Content-Encoding: nonce\0", 12);
        let key = UnboundKey::new(&AES_128_GCM, &content_key).map_err(|_| "no key")?;
        let nonce = Nonce::try_assume_unique_for_key(&nonce).map_err(|_| "no nonce")?;
        let mut text = record.to_vec();
        let opened = LessSafeKey::new(key).open_in_place(nonce, Aad::empty(), &mut text);
        let opened = opened.map_err(|_| "the record is not authentic")?;
        // Padding, after the end of the last record.
        let end = opened.iter().rposition(|byte| *byte != 0).ok_or("no end of the record")?;
        if opened[end] == 2 { Ok(opened[..end].to_vec()) } else { Err("not the last record") }
    }
}

/// HKDF (RFC 5869) with one block of output.
fn hkdf(salt: &[u8], input: &[u8], info: &[u8], length: usize) -> Vec<u8> {
    let extracted = sign(&Key::new(HMAC_SHA256, salt), input);
    let expanded = sign(&Key::new(HMAC_SHA256, extracted.as_ref()), &[info, &[1]].concat());
    expanded.as_ref()[..length].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8291, appendix A.
    #[test]
    fn the_example_of_the_standard_is_read() {
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        let secret = SecretKey::from_slice(&bytes("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")).unwrap();
        let auth = bytes("BTBZMqHH6r4Tts7J_aSIgg").try_into().unwrap();
        let browser = TestBrowser { name: String::new(), endpoint: String::new(), secret, auth };
        let body = bytes(
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8w\
             EqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
        );
        assert_eq!(browser.decrypt(&body).unwrap(), b"When I grow up, I want to be a watermelon");
        assert!(browser.decrypt(&body[..body.len() - 1]).is_err());
    }
}
