//! Files beside the database.
//!
//! **Invariant:** they are readable by their owner only, and after a power failure either there as a whole or not at
//! all.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// The path with an ending: `tandem.db` and `.mark` make `tandem.db.mark`.
pub(super) fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(ending);
    name.into()
}

/// Options for a file that only its owner may read.
pub(super) fn private() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "the mode is all there is to set"))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Checks that a file beside the database could grow by this many bytes, and leaves nothing.
pub(super) fn can_grow(file: &Path, bytes: usize) -> io::Result<()> {
    let probe = beside(file, ".probe");
    let written = private().write(true).create(true).truncate(true).open(&probe)?.write_all(&vec![0; bytes]);
    fs::remove_file(&probe)?;
    written
}

/// Replaces the content of a file atomically.
pub(super) fn write(file: &Path, text: &str) -> io::Result<()> {
    // Written beside it, then renamed: a rename is atomic, a write is not.
    let next = beside(file, ".next");
    let mut written = private().write(true).create(true).truncate(true).open(&next)?;
    written.write_all(text.as_bytes())?;
    // Before the rename: the new name must not lead to bytes that a power failure can still take away.
    written.sync_all()?;
    rename(&next, file)
}

/// Moves a file, whose bytes are durable, to the place of another, durably.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    sync_folder(to)
}

/// Makes the names in the folder of a file durable.
pub(super) fn sync_folder(file: &Path) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // On other systems a folder cannot be opened, and names are durable without it.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_probe_of_the_disk_leaves_nothing_and_fails_where_nothing_can_be_written() {
        let folder = tempfile::tempdir().unwrap();
        can_grow(&folder.path().join("tandem.db"), 4096).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(can_grow(&folder.path().join("gone").join("tandem.db"), 4096).is_err());
    }
}
