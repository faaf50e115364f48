//! The keys of access tokens: which ones a server may use, and the one that is made at its first start.

use super::{Config, ConfigError, wrong};
use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};
use tandem_auth::{
    secret::Secret,
    token::{KeyError, KeyRing, MIN_SECRET_BYTES},
};

const SETTING: &str = "TANDEM_JWT_SECRETS";
/// The name of the key that is made at the first start.
const GENERATED: &str = "generated:";
/// What follows when a key is refused.
const ADVICE: &str = "Make one with `openssl rand -hex 32`.";

/// Where the key is kept that was made at the first start.
#[must_use]
pub(crate) fn secret_file(data_dir: &Path) -> PathBuf {
    data_dir.join("jwt.secret")
}

impl Config {
    /// The keys of access tokens. On loopback they are made at the first start and kept in the data folder.
    pub(crate) fn key_ring(&self) -> Result<KeyRing, ConfigError> {
        let list = match &self.jwt_secrets {
            Some(list) => list.clone(),
            None => generated_secret(&self.data_dir)?,
        };
        KeyRing::parse(&list, self.access_ttl).map_err(|error| wrong_key(&error))
    }

    /// Refuses keys that do not suit the address: none or weak ones where others can reach the server.
    pub(super) fn check_keys(&self) -> Result<(), ConfigError> {
        let Some(secrets) = &self.jwt_secrets else {
            if self.listen.ip().is_loopback() {
                return Ok(());
            }
            return Err(wrong(
                SETTING,
                format!(
                    "needed on an address that others reach: kid:secret, {MIN_SECRET_BYTES} bytes or more. {ADVICE}"
                ),
            ));
        };
        KeyRing::parse(secrets, self.access_ttl).map_err(|error| wrong_key(&error))?;
        match self.weak_key() {
            Some(kid) if self.is_public() => {
                Err(wrong(SETTING, format!("the secret of key {kid:?} is easy to guess. {ADVICE}")))
            }
            _ => Ok(()),
        }
    }

    /// The name of the first key that could be guessed, if there is one.
    #[must_use]
    pub(crate) fn weak_key(&self) -> Option<String> {
        self.jwt_secrets.as_deref().and_then(KeyRing::weak)
    }
}

fn wrong_key(error: &KeyError) -> ConfigError {
    wrong(SETTING, format!("{error}. {ADVICE}"))
}

/// The key that was made at the first start, or a new one, readable by the server's user alone.
///
/// A disk that was full, or a power failure, may have left the file empty or cut off. Such a file protects nothing, so a new
/// key takes its place. A file that cannot be read, or holds something else, is an error: nobody throws away a key that
/// somebody put there.
fn generated_secret(data_dir: &Path) -> Result<String, ConfigError> {
    let path = secret_file(data_dir);
    let failed = |source| ConfigError::File { path: path.clone(), source };
    match fs::read(&path).map(state) {
        Ok(State::Good(list)) => return Ok(list),
        Ok(State::CutOff) => {
            tracing::warn!(path = %path.display(), "the secret was cut off: a new one is made, and everybody logs in again");
        }
        Ok(State::Foreign) => {
            let message = "this is no key. Remove the file to have a new one made; everybody logs in again then";
            return Err(failed(io::Error::new(io::ErrorKind::InvalidData, message)));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    let list = format!("{GENERATED}{}", Secret::random("").reveal());
    write_whole(&path, &list).map_err(failed)?;
    Ok(list)
}

/// What a secret file holds.
enum State {
    Good(String),
    /// Nothing, or the beginning of a key.
    CutOff,
    Foreign,
}

fn state(bytes: Vec<u8>) -> State {
    // A file system that was cut off may leave zeros in place of what was written.
    let Ok(text) = String::from_utf8(bytes) else { return State::Foreign };
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    let cut_off = match text.strip_prefix(GENERATED) {
        Some(secret) => secret.len() < MIN_SECRET_BYTES,
        None => GENERATED.starts_with(text),
    };
    match text {
        _ if cut_off => State::CutOff,
        text if text.contains(':') => State::Good(text.to_owned()),
        _ => State::Foreign,
    }
}

/// Writes a file of its owner alone so that after a failure it is there whole or not at all.
fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let next = path.with_extension("secret.next");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&next)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&next, path)?;
    // The new name is durable when its folder is; elsewhere a folder cannot be opened.
    match path.parent() {
        Some(folder) if cfg!(unix) => fs::File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generated_secret_is_kept_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let first = generated_secret(folder.path()).unwrap();
        assert_eq!(generated_secret(folder.path()).unwrap(), first);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left behind");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(secret_file(folder.path())).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_secret_that_a_full_disk_cut_off_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        for left in ["", "\n", "gene", "generated:", "generated:abc", "\0\0\0\0"] {
            fs::write(secret_file(folder.path()), left).unwrap();
            let made = generated_secret(folder.path()).unwrap();
            assert!(made.len() > GENERATED.len() + MIN_SECRET_BYTES, "{left:?}: {made}");
            assert_eq!(fs::read_to_string(secret_file(folder.path())).unwrap(), made);
        }
    }

    #[test]
    fn a_secret_file_that_is_no_key_is_an_error_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        for left in [&b"what is this"[..], b"\xff\xfe"] {
            fs::write(secret_file(folder.path()), left).unwrap();
            let refused = generated_secret(folder.path()).unwrap_err().to_string();
            assert!(refused.contains("jwt.secret") && refused.contains("Remove the file"), "{refused}");
            assert_eq!(fs::read(secret_file(folder.path())).unwrap(), left);
        }
        fs::remove_file(secret_file(folder.path())).unwrap();
        fs::create_dir(secret_file(folder.path())).unwrap();
        assert!(generated_secret(folder.path()).is_err(), "it cannot be read");
    }
}
