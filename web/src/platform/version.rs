//! Detects that the server serves a newer client than the running one.

use super::window::{document, window};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestCache, RequestInit, Response};

/// Loads the page again and checks whether it still refers to the running script. Returns false if this cannot be
/// determined.
pub(crate) async fn is_outdated() -> bool {
    let Some(script) = running_script() else { return false };
    current_page().await.is_some_and(|page| !page.contains(&script))
}

/// The URL of the script that started this program. It contains a hash of the program.
fn running_script() -> Option<String> {
    let script = document().query_selector("script[type='module'][src]").ok()??;
    script.get_attribute("src")
}

async fn current_page() -> Option<String> {
    // Without the HTTP cache, which may still have the old page.
    let options = RequestInit::new();
    options.set_cache(RequestCache::NoStore);
    let answer = JsFuture::from(window().fetch_with_str_and_init("/", &options)).await.ok()?;
    let response: Response = answer.dyn_into().ok()?;
    if !response.ok() {
        return None;
    }
    JsFuture::from(response.text().ok()?).await.ok()?.as_string()
}
