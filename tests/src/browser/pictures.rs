//! Screenshots of pages.
//!
//! They are written to `tests/out/shots`, which git ignores. With `TANDEM_SHOTS=docs` those in the documentation are also
//! written to `docs/pictures`.

use super::{Browser, Screen, WORKS};
use crate::eventually::eventually;
use serde_json::{Value, json};
use std::{env, fs, path::Path};

/// The root of the repository, one folder above this package.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Puts pictures side by side on an empty page, the first one wide.
const SIDE_BY_SIDE: &str = "
    document.body.style.cssText = 'margin:0;padding:32px;display:flex;gap:32px;align-items:center;background:#d9dde3';
    for (const picture of arguments[0]) {
        const image = new Image();
        image.src = 'data:image/png;base64,' + picture;
        image.style.cssText = 'height:720px;border-radius:12px;box-shadow:0 8px 30px rgb(0 0 0 / .25)';
        document.body.append(image);
    }";

/// The scale of pictures of which there are many.
const SMALL: f64 = 0.4;

/// A picture as WebP in base64, at [`SMALL`] of its size.
#[derive(Clone, Debug)]
pub struct SmallPicture(String);

impl Browser {
    /// A screenshot of the viewport, as PNG.
    pub async fn screenshot(&self) -> Vec<u8> {
        self.client.screenshot().await.expect(WORKS)
    }

    /// Waits until nothing moves: transitions are over and letters are there.
    pub async fn settled(&self) {
        let still = "return document.fonts.status === 'loaded' && document.getAnimations().every((it) => \
                     it.playState !== 'running' || it.effect.getComputedTiming().iterations === Infinity)";
        eventually("the page to be still", async || (self.run(still, Vec::new()).await == true).then_some(())).await;
    }

    /// Saves a screenshot for somebody who investigates a failed test.
    pub async fn picture(&self, name: &str) {
        write(&Path::new(ROOT).join("tests/out/shots"), name, &self.screenshot().await);
    }

    /// A small picture of the window, or of the whole page.
    pub async fn small_picture(&self, whole: bool) -> SmallPicture {
        let page = "return arguments[0] ? Math.max(innerHeight, document.documentElement.scrollHeight) : innerHeight";
        let height = self.run(page, vec![whole.into()]).await;
        // Scaled by the emulated screen: a part of the screen that is scaled is taken from elsewhere on a scrolled page.
        let screen = |height: Value, scale: f64| json!({ "width": self.screen.width, "height": height, "deviceScaleFactor": scale, "mobile": self.screen.touch });
        self.devtools("Emulation.setDeviceMetricsOverride", screen(height, SMALL)).await;
        let picture = self.devtools("Page.captureScreenshot", json!({ "format": "webp", "quality": 50 })).await;
        self.devtools("Emulation.setDeviceMetricsOverride", screen(self.screen.height.into(), 1.0)).await;
        SmallPicture(picture["data"].as_str().expect("a picture is a text in base64").to_owned())
    }

    /// Takes a picture that the documents show.
    pub async fn document_picture(&self, name: &str) {
        keep(name, &self.screenshot().await);
    }

    /// Combines several screenshots into one picture for the documentation. Leaves the page.
    pub async fn document_picture_of(&self, name: &str, pictures: &[Vec<u8>]) {
        self.client.goto("about:blank").await.expect(WORKS);
        self.emulate(Screen { width: 1_600, height: 784, dark: false, touch: false }).await;
        let encoded: Vec<String> = pictures.iter().map(|png| base64(png)).collect();
        self.run(SIDE_BY_SIDE, vec![json!(encoded)]).await;
        let drawn = "return [...document.images].every((image) => image.complete && image.naturalWidth > 0)";
        eventually("the pictures to be drawn", async || (self.run(drawn, Vec::new()).await == true).then_some(()))
            .await;
        keep(name, &self.screenshot().await);
    }
}

fn keep(name: &str, png: &[u8]) {
    let root = Path::new(ROOT);
    write(&root.join("tests/out/shots"), name, png);
    if wants_documents() {
        write(&root.join("docs/pictures"), name, png);
    }
}

/// Writes a page that holds these pictures: a row for each state, a column for each screen, by their names.
pub fn contact_sheet(pictures: &[(String, String, SmallPicture)]) {
    let mut states: Vec<&str> = Vec::new();
    for (state, ..) in pictures {
        if !states.contains(&state.as_str()) {
            states.push(state);
        }
    }
    let row = |state: &&str| {
        let of_state = pictures.iter().filter(|(name, ..)| name == state);
        let cells: String = of_state.map(|(_, screen, picture)| cell(state, screen, picture)).collect();
        format!("<h2>{state}</h2><div>{cells}</div>\n")
    };
    let rows: String = states.iter().map(row).collect();
    let page = format!("{SHEET_HEAD}{rows}</html>\n");
    let root = Path::new(ROOT);
    let mut folders = vec![root.join("tests/out/shots")];
    if wants_documents() {
        folders.push(root.join("docs/pictures"));
    }
    for folder in folders {
        fs::create_dir_all(&folder).expect("the folder of pictures can be made");
        fs::write(folder.join("states.html"), &page).expect("a page can be written");
    }
}

const SHEET_HEAD: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Tandem, every state</title>\n<style>\
    body{font:16px sans-serif;background:#d9dde3;margin:2rem}div{display:flex;gap:1rem;overflow-x:auto;align-items:start}\
    figure{margin:0}img{display:block;border-radius:8px}figcaption{font-size:13px}</style>\n<h1>Every state</h1>\n";

fn cell(state: &str, screen: &str, picture: &SmallPicture) -> String {
    let SmallPicture(webp) = picture;
    format!(
        "<figure><img loading=\"lazy\" src=\"data:image/webp;base64,{webp}\" alt=\"{state}, {screen}\">\
         <figcaption>{screen}</figcaption></figure>"
    )
}

fn wants_documents() -> bool {
    env::var("TANDEM_SHOTS").is_ok_and(|wanted| wanted == "docs")
}

fn write(folder: &Path, name: &str, png: &[u8]) {
    let file = folder.join(name).with_extension("png");
    fs::create_dir_all(file.parent().unwrap_or(folder)).expect("the folder of pictures can be made");
    fs::write(file, png).expect("a picture can be written");
}

fn base64(bytes: &[u8]) -> String {
    use ::base64::{Engine as _, engine::general_purpose::STANDARD};
    STANDARD.encode(bytes)
}
