//! Pictures of pages.
//!
//! They go to `tests/out/shots`, which is not kept. With `TANDEM_SHOTS=docs` those that the documents show are written
//! to `docs/pictures`, too.

use super::{Browser, WORKS};
use std::{env, fs, path::Path};

/// The root of the project: this package lies one folder below it.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

impl Browser {
    /// Takes a picture of what is visible.
    pub async fn picture(&self, name: &str) {
        let png = self.client.screenshot().await.expect(WORKS);
        keep(&Path::new(ROOT).join("tests/out/shots"), name, &png);
    }

    /// Takes a picture that the documents show.
    pub async fn document_picture(&self, name: &str) {
        let png = self.client.screenshot().await.expect(WORKS);
        keep(&Path::new(ROOT).join("tests/out/shots"), name, &png);
        if env::var("TANDEM_SHOTS").is_ok_and(|wanted| wanted == "docs") {
            keep(&Path::new(ROOT).join("docs/pictures"), name, &png);
        }
    }
}

fn keep(folder: &Path, name: &str, png: &[u8]) {
    fs::create_dir_all(folder).expect("the folder of pictures can be made");
    fs::write(folder.join(name).with_extension("png"), png).expect("a picture can be written");
}
