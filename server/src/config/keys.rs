//! The keys of access tokens: the check of configured ones, and the one that the first start generates.
//!
//! With a key that can be guessed, anybody can sign a token for any user. So a server that other machines can reach
//! does not start with a weak key, or with a generated one. On loopback a key is generated, so that a first start needs
//! no setting.

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
/// The beginning of a generated key: its name.
const GENERATED: &str = "generated:";
/// How to generate a key, at the end of each error.
const ADVICE: &str = "Generate one with `openssl rand -hex 32`.";

pub(crate) fn secret_file(data_dir: &Path) -> PathBuf {
    data_dir.join("jwt.secret")
}

impl Config {
    /// The keys of access tokens: the configured ones, or the generated one, which is written to the data folder.
    pub(crate) fn key_ring(&self) -> Result<KeyRing, ConfigError> {
        let list = match &self.jwt_secrets {
            Some(list) => list.clone(),
            None => generated_secret(&self.data_dir)?,
        };
        KeyRing::parse(&list, self.access_ttl).map_err(|error| wrong_key(&error))
    }

    /// Refuses missing and weak keys on a server that other machines can reach.
    pub(super) fn check_keys(&self) -> Result<(), ConfigError> {
        let Some(secrets) = &self.jwt_secrets else {
            if self.listen.ip().is_loopback() {
                return Ok(());
            }
            return Err(wrong(
                SETTING,
                format!(
                    "needed on an address that other machines can reach: kid:secret, with a secret of \
                     {MIN_SECRET_BYTES} bytes or more. {ADVICE}"
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

    /// The name of the first key that is easy to guess, if there is one.
    pub(crate) fn weak_key(&self) -> Option<String> {
        self.jwt_secrets.as_deref().and_then(KeyRing::weak)
    }
}

fn wrong_key(error: &KeyError) -> ConfigError {
    wrong(SETTING, format!("{error}. {ADVICE}"))
}

/// Reads the generated key, or generates one. Only the user of the server can read the file.
///
/// A full disk or a power failure may have left the file empty or truncated. Such a key protects nothing, and is
/// replaced. A file that cannot be read, or holds something else, is an error: somebody may have put it there.
fn generated_secret(data_dir: &Path) -> Result<String, ConfigError> {
    let path = secret_file(data_dir);
    let failed = |source| ConfigError::File { path: path.clone(), source };
    match fs::read(&path).map(file_state) {
        Ok(FileState::Valid(list)) => return Ok(list),
        Ok(FileState::Truncated) => {
            tracing::warn!(path = %path.display(), "the secret is truncated: a new one is generated, and all users log in again");
        }
        Ok(FileState::Foreign) => {
            let message =
                "this is not a key. Remove the file to generate a new one; all users have to log in again then";
            return Err(failed(io::Error::new(io::ErrorKind::InvalidData, message)));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    let list = format!("{GENERATED}{}", Secret::random("").reveal());
    store(&path, &list).map_err(failed)?;
    Ok(list)
}

enum FileState {
    Valid(String),
    /// Nothing, or the beginning of a generated key.
    Truncated,
    Foreign,
}

fn file_state(bytes: Vec<u8>) -> FileState {
    let Ok(text) = String::from_utf8(bytes) else { return FileState::Foreign };
    // After a power failure some file systems have zeros in place of the data.
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    let truncated = match text.strip_prefix(GENERATED) {
        Some(secret) => secret.len() < MIN_SECRET_BYTES,
        // Cut off within the name, or empty.
        None => GENERATED.starts_with(text),
    };
    match text {
        _ if truncated => FileState::Truncated,
        text if text.contains(':') => FileState::Valid(text.to_owned()),
        _ => FileState::Foreign,
    }
}

/// Writes a secret, or leaves nothing behind: an empty file would look like one.
fn store(path: &Path, secret: &str) -> io::Result<()> {
    let next = path.with_extension("secret.next");
    write_whole(path, &next, secret).inspect_err(|_| {
        // If it cannot be removed, the next start writes over it.
        let _ = fs::remove_file(&next);
    })
}

/// Writes a file that only its owner can read. After a failure it exists whole or not at all, and `next` may exist in part:
/// it is written there first, since a rename is atomic and a write is not.
fn write_whole(path: &Path, next: &Path, text: &str) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(next)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(next, path)?;
    // The rename is durable once the folder has been synced. Other systems than Unix cannot open a folder.
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
    fn a_secret_that_cannot_be_written_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        // A folder with a file in it cannot be replaced by a rename, which fails after the write.
        let path = secret_file(folder.path());
        fs::create_dir(&path).unwrap();
        fs::write(path.join("file"), "").unwrap();
        assert!(store(&path, "generated:x").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "the secret that was not stored is removed");
    }

    #[test]
    fn a_truncated_secret_is_replaced() {
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
            // As the command line prints it.
            let refused = format!("{:#}", anyhow::Error::from(generated_secret(folder.path()).unwrap_err()));
            assert!(refused.contains("jwt.secret"), "{refused}");
            assert_eq!(refused.matches("Remove the file").count(), 1, "{refused}");
            assert_eq!(fs::read(secret_file(folder.path())).unwrap(), left);
        }
        fs::remove_file(secret_file(folder.path())).unwrap();
        fs::create_dir(secret_file(folder.path())).unwrap();
        assert!(generated_secret(folder.path()).is_err(), "it cannot be read");
    }
}
