//! Files beside the database: readable by their owner alone, there or not there whenever the power fails.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// `tandem.db` and `.mark` make `tandem.db.mark`.
pub(super) fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(ending);
    name.into()
}

/// Options for a file of its owner alone.
pub(super) fn private() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "the mode is all there is to set"))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Replaces what is in a file, as a whole.
pub(super) fn write(file: &Path, text: &str) -> io::Result<()> {
    let next = beside(file, ".next");
    let mut written = private().write(true).create(true).truncate(true).open(&next)?;
    written.write_all(text.as_bytes())?;
    written.sync_all()?;
    rename(&next, file)
}

/// Puts a file, whose bytes are durable, in the place of another.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    sync_folder(to)
}

/// Makes the names in a file's folder durable.
pub(super) fn sync_folder(file: &Path) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Elsewhere a folder cannot be opened, and names are durable without it.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
