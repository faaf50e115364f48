//! Encrypts the payload of a push for one browser (RFC 8291), as one record of `aes128gcm` (RFC 8188).
//!
//! Each push has a key pair and a salt of its own. The push service learns the length of the text and when it was sent, and
//! nothing of what it says.

use ring::{
    aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral},
    hmac::{HMAC_SHA256, Key, sign},
    rand::{SecureRandom, SystemRandom},
};
use tandem_protocol::limits::MAX_PUSH_BYTES;

/// The size of a record, which holds the whole payload. Push services take as much (RFC 8030, 7.2).
const RECORD_SIZE: u32 = 4_096;
const SALT_BYTES: usize = 16;
/// Ends the last record.
const LAST_RECORD: u8 = 2;

/// The payload cannot be encrypted for this browser: its key is no point of the curve, or the payload is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the push cannot be encrypted for this browser")]
pub struct CannotEncrypt;

/// The keys of a browser.
#[derive(Clone, Copy, Debug)]
pub struct Recipient<'a> {
    /// Uncompressed point of P-256.
    pub public_key: &'a [u8],
    pub auth_secret: &'a [u8],
}

/// Encrypts a payload with a new key.
///
/// # Errors
/// [`CannotEncrypt`] when the key of the browser is not valid, or the payload is too long.
pub fn encrypt(payload: &[u8], to: Recipient<'_>) -> Result<Vec<u8>, CannotEncrypt> {
    let random = SystemRandom::new();
    let mut salt = [0; SALT_BYTES];
    random.fill(&mut salt).map_err(|_| CannotEncrypt)?;
    let own = EphemeralPrivateKey::generate(&ECDH_P256, &random).map_err(|_| CannotEncrypt)?;
    let own_public = own.compute_public_key().map_err(|_| CannotEncrypt)?;
    let theirs = UnparsedPublicKey::new(&ECDH_P256, to.public_key);
    let sealed = agree_ephemeral(own, &theirs, |shared| seal(payload, to, shared, own_public.as_ref(), salt));
    sealed.map_err(|_| CannotEncrypt)?
}

/// Seals a payload with a shared secret (RFC 8291, 3.4; RFC 8188, 2).
fn seal(
    payload: &[u8],
    to: Recipient<'_>,
    shared: &[u8],
    own_public: &[u8],
    salt: [u8; SALT_BYTES],
) -> Result<Vec<u8>, CannotEncrypt> {
    if payload.len() > MAX_PUSH_BYTES {
        return Err(CannotEncrypt);
    }
    let info = [b"WebPush: info\0", to.public_key, own_public].concat();
    let input = expand(&extract(to.auth_secret, shared), &info);
    let key = extract(&salt, &input);
    let content_key = expand(&key, b"Content-Encoding: aes128gcm\0");
    let nonce = expand(&key, b"Content-Encoding: nonce\0");
    let key = UnboundKey::new(&AES_128_GCM, &content_key[..16]).map_err(|_| CannotEncrypt)?;
    let nonce = Nonce::try_assume_unique_for_key(&nonce[..12]).map_err(|_| CannotEncrypt)?;
    let mut record = [payload, &[LAST_RECORD]].concat();
    LessSafeKey::new(key).seal_in_place_append_tag(nonce, Aad::empty(), &mut record).map_err(|_| CannotEncrypt)?;
    let key_length = u8::try_from(own_public.len()).map_err(|_| CannotEncrypt)?;
    Ok([&salt[..], &RECORD_SIZE.to_be_bytes(), &[key_length], own_public, &record].concat())
}

/// HKDF-Extract (RFC 5869).
fn extract(salt: &[u8], input: &[u8]) -> Vec<u8> {
    sign(&Key::new(HMAC_SHA256, salt), input).as_ref().to_vec()
}

/// The first block of HKDF-Expand, which is all that is needed here.
fn expand(key: &[u8], info: &[u8]) -> Vec<u8> {
    sign(&Key::new(HMAC_SHA256, key), &[info, &[1]].concat()).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

    fn bytes(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    /// RFC 8291, appendix A.
    #[test]
    fn the_example_of_the_standard_is_reproduced() {
        let to = Recipient {
            public_key: &bytes(
                "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            ),
            auth_secret: &bytes("BTBZMqHH6r4Tts7J_aSIgg"),
        };
        let own = bytes("BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8");
        let shared = bytes("kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs");
        let salt = bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap();
        let sealed = seal(b"When I grow up, I want to be a watermelon", to, &shared, &own, salt).unwrap();
        let expected = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8w\
                        EqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        assert_eq!(URL_SAFE_NO_PAD.encode(sealed), expected);
    }

    #[test]
    fn no_two_pushes_are_alike_and_bad_keys_are_refused() {
        let key = bytes("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4");
        let to = Recipient { public_key: &key, auth_secret: &[7; 16] };
        assert_ne!(encrypt(b"Milk", to).unwrap(), encrypt(b"Milk", to).unwrap());
        assert_eq!(encrypt(&[0; MAX_PUSH_BYTES + 1], to), Err(CannotEncrypt));
        let no_point = [&[4_u8][..], &[7; 64]].concat();
        assert_eq!(encrypt(b"Milk", Recipient { public_key: &no_point, ..to }), Err(CannotEncrypt));
    }
}
