//! The modes of the files of a server: which of them other users of the machine can read.

use crate::config::{Config, Database, secret_file};
use std::path::Path;

/// How to correct a mode.
pub(super) const ADVICE: &str = "remove the permissions of group and others with `chmod go= …`";

/// Describes each of the data folder, the secret and the database file that exists and that others than its owner can
/// use.
pub(super) fn open_to_others(config: &Config) -> Vec<String> {
    let secret = secret_file(&config.data_dir);
    let database = match &config.database {
        Database::Sqlite(path) => Some(path.as_path()),
        Database::Postgres(_) => None,
    };
    let files = [Some(config.data_dir.as_path()), Some(secret.as_path()), database];
    files.into_iter().flatten().filter_map(describe).collect()
}

/// Describes a file that others than its owner can use.
#[cfg(unix)]
fn describe(path: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = path.metadata().ok()?.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then(|| format!("{} is open to others than its owner (mode {mode:04o})", path.display()))
}

#[cfg(not(unix))]
fn describe(_: &Path) -> Option<String> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::PermissionsExt as _};

    #[test]
    fn what_others_can_read_is_named_with_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let set = |mode| fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
        set(0o700);
        assert_eq!(describe(folder.path()), None);
        for mode in [0o750, 0o701, 0o777] {
            set(mode);
            assert!(describe(folder.path()).is_some_and(|text| text.contains(&format!("{mode:04o}"))));
        }
        assert_eq!(describe(&folder.path().join("missing")), None);
    }
}
