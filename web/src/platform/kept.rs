//! What the page keeps for a start without network, in the `IndexedDB` of the browser: a snapshot, the frames with the events
//! after it, and the newest messages of conversations, all as the server sent them.
//!
//! They are kept as texts, so that they are read by the code that reads the server. A snapshot begins anew: what was kept
//! before it is removed, also that of another user. Storage may be full, forbidden, or cleared by the browser, so there are
//! no errors here; what is missing is loaded from the server.

use js_sys::{Array, Promise};
use tandem_protocol::{ConversationId, UserId};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

const SNAPSHOT: &str = "snapshot";
const EVENT: &str = "event";
const THREAD: &str = "thread";

#[wasm_bindgen(module = "/src/platform/kept.js")]
extern "C" {
    fn keep(kind: &str, user: &str, id: JsValue, text: &str);
    fn forget(kind: &str, user: &str, id: &str);
    fn restart(user: &str, seq: f64, text: &str);
    fn texts(kind: &str, user: Option<&str>, id: Option<&str>) -> Promise;
    fn ids(kind: &str, user: &str) -> Promise;
    #[wasm_bindgen(js_name = clear)]
    fn clear_all();
}

/// Keeps a snapshot, and removes everything else but the events after it.
pub(crate) fn keep_snapshot(user: &UserId, seq: i64, text: &str) {
    restart(user.as_str(), number(seq), text);
}

/// Keeps a frame. `seq` is the number of its last event.
pub(crate) fn keep_event(user: &UserId, seq: i64, frame: &str) {
    keep(EVENT, user.as_str(), number(seq).into(), frame);
}

/// Keeps the newest page of a conversation.
pub(crate) fn keep_thread(user: &UserId, id: ConversationId, page: &str) {
    keep(THREAD, user.as_str(), id.to_string().into(), page);
}

pub(crate) fn forget_thread(user: &UserId, id: ConversationId) {
    forget(THREAD, user.as_str(), &id.to_string());
}

/// Removes everything, when the person signs out.
pub(crate) fn clear() {
    clear_all();
}

/// The snapshot, of whoever signed in last.
pub(crate) async fn snapshot() -> Option<String> {
    all(texts(SNAPSHOT, None, None)).await.pop()
}

/// The frames after the snapshot, in order.
pub(crate) async fn events(user: &UserId) -> Vec<String> {
    all(texts(EVENT, Some(user.as_str()), None)).await
}

/// The newest page of a conversation.
pub(crate) async fn thread(user: &UserId, id: ConversationId) -> Option<String> {
    all(texts(THREAD, Some(user.as_str()), Some(&id.to_string()))).await.pop()
}

/// The conversations whose newest page is kept.
pub(crate) async fn threads(user: &UserId) -> Vec<ConversationId> {
    all(ids(THREAD, user.as_str())).await.iter().filter_map(|id| id.parse().ok()).collect()
}

async fn all(found: Promise) -> Vec<String> {
    let found = JsFuture::from(found).await.unwrap_or_default();
    found.dyn_ref::<Array>().map(|texts| texts.iter().filter_map(|text| text.as_string()).collect()).unwrap_or_default()
}

/// A sequence number as JavaScript has it; it is exact below 2^53.
#[expect(clippy::cast_precision_loss, reason = "a log has less than 2^53 events")]
fn number(seq: i64) -> f64 {
    seq as f64
}
