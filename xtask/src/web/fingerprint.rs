//! A digest of everything that goes into the web client.
//!
//! Cargo and wasm-bindgen leave the same module for the same inputs, but compiling, binding and compressing take
//! minutes. The digest is stored beside the result, and an equal digest means that nothing has to be built.
//!
//! Two different sets of inputs have different digests; outputs of the build never count as inputs.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

/// Everything that the client is built from, this pipeline included. A folder stands for all files in it.
const INPUTS: [&str; 9] = [
    "web",
    "protocol",
    "server/nl",
    "Cargo.lock",
    "Cargo.toml",
    "rust-toolchain.toml",
    ".cargo/config.toml",
    "xtask/src/web",
    "xtask/src/toolchain.rs",
];

/// The output of the pipeline, inside of an input.
const OUTPUT: &str = "web/dist";

/// The digest of the names and contents of all inputs below `root`, as hexadecimal digits.
pub(crate) fn of_inputs(root: &Path) -> anyhow::Result<String> {
    let mut hasher = Sha256::new();
    for input in INPUTS {
        add(&mut hasher, root, input)?;
    }
    Ok(hex(&hasher.finalize()))
}

/// Adds a file, or a folder with its entries sorted by name.
fn add(hasher: &mut Sha256, root: &Path, name: &str) -> anyhow::Result<()> {
    let path = root.join(name);
    if name == OUTPUT || !path.exists() {
        return Ok(());
    }
    if path.is_dir() {
        let mut names = Vec::new();
        for entry in fs::read_dir(&path).with_context(|| format!("cannot list {}", path.display()))? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        // The order in which a file system lists names is not defined.
        names.sort_unstable();
        return names.iter().try_for_each(|inside| add(hasher, root, &format!("{name}/{inside}")));
    }
    let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    // Without the lengths, text that moves from one file to the next would not change the digest.
    for part in [name.as_bytes(), &bytes] {
        hasher.update(part.len().to_le_bytes());
        hasher.update(part);
    }
    Ok(())
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(root: &Path, name: &str, text: &str) {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn only_what_goes_into_the_client_counts() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        put(root, "web/src/lib.rs", "one");
        put(root, "Cargo.lock", "one");
        let before = of_inputs(root).unwrap();

        put(root, "server/src/main.rs", "the server's");
        put(root, "web/dist/index.html", "the result");
        assert_eq!(of_inputs(root).unwrap(), before);

        for input in
            ["web/src/lib.rs", "web/static/favicon.svg", "protocol/src/lib.rs", "server/nl/src/lib.rs", "Cargo.lock"]
        {
            let before = of_inputs(root).unwrap();
            put(root, input, "two");
            assert_ne!(of_inputs(root).unwrap(), before, "{input}");
        }
    }

    #[test]
    fn a_renamed_file_counts_and_so_does_text_moved_between_two() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        put(root, "web/a", "xy");
        put(root, "web/b", "");
        let before = of_inputs(root).unwrap();
        put(root, "web/a", "x");
        put(root, "web/b", "y");
        let moved = of_inputs(root).unwrap();
        assert_ne!(moved, before);
        fs::rename(root.join("web/b"), root.join("web/c")).unwrap();
        assert_ne!(of_inputs(root).unwrap(), moved);
    }
}
