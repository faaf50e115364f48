//! The password hashes of imported accounts, which better-auth has made.
//!
//! They are checked until the first log-in replaces them. The form is `SALT:KEY` in hexadecimal: scrypt with N = 16384,
//! r = 16, p = 1 and a key of 64 bytes. The salt is the text of the 32 digits itself, not the bytes that they stand for.

use scrypt::{Params, scrypt};

const LOG_N: u8 = 14;
const R: u32 = 16;
const P: u32 = 1;
const KEY_BYTES: usize = 64;
const SALT_DIGITS: usize = 32;

pub(crate) struct ImportedHash<'a> {
    salt: &'a str,
    key: [u8; KEY_BYTES],
}

/// Reads a hash; `None` when it is of another form.
pub(crate) fn parse(stored: &str) -> Option<ImportedHash<'_>> {
    let (salt, key) = stored.split_once(':')?;
    if salt.len() != SALT_DIGITS || !salt.bytes().all(|digit| digit.is_ascii_hexdigit()) || key.len() != 2 * KEY_BYTES {
        return None;
    }
    let mut bytes = [0; KEY_BYTES];
    for (byte, digits) in bytes.iter_mut().zip(key.as_bytes().chunks(2)) {
        let digits = std::str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|d| d.is_ascii_hexdigit()))?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(ImportedHash { salt, key: bytes })
}

/// A hash that no password has.
pub(crate) fn nobody() -> ImportedHash<'static> {
    ImportedHash { salt: "00000000000000000000000000000000", key: [0; KEY_BYTES] }
}

impl ImportedHash<'_> {
    /// Whether it is the hash of a password in its normal form.
    pub(crate) fn verify(&self, normal: &str) -> Result<bool, scrypt::errors::InvalidParams> {
        let mut key = [0; KEY_BYTES];
        let Ok(()) = scrypt(normal.as_bytes(), self.salt.as_bytes(), &Params::new(LOG_N, R, P)?, &mut key) else {
            return Ok(false);
        };
        // In constant time: every byte is compared, wherever the first difference is.
        Ok(key.iter().zip(&self.key).fold(0, |different, (one, other)| different | (one ^ other)) == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by better-auth 1.7.25.
    const HASH: &str = "936a170e94229920c07dedeb6c437c75:3b7d491f2472b6cf29ccf848289deb423186e591d75fbd7bba8f3a316d391f77\
                        dfd155905d9463f9071d519e0168d589300ab7d52c084efb1685c789076dc2e7";

    #[test]
    fn a_password_of_better_auth_is_recognised() {
        let hash = parse(HASH).unwrap();
        assert!(hash.verify("12345678").unwrap());
        assert!(!hash.verify("12345679").unwrap());
    }

    #[test]
    fn other_forms_are_not_read() {
        let short = &HASH[..HASH.len() - 1];
        let signed = HASH.replace(":3b", ":+b");
        for other in [
            "",
            ":",
            "$argon2id$v=19$m=19456,t=2,p=1$x$y",
            short,
            &HASH.replace("93", "zz"),
            &signed,
            &HASH.replace(":3b", ":é"),
        ] {
            assert!(parse(other).is_none(), "{other}");
        }
    }
}
