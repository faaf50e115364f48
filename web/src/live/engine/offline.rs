//! A start from what the page has kept: at once, and also without a network.
//!
//! What is kept is a snapshot, all events after it, and pages that are as old as the snapshot or newer. So the connection
//! resumes after the last kept event, and everything that is kept is current then. Where events are missing, the server
//! requests a new snapshot, and nothing older is used any more.

use super::Engine;
use crate::api::ApiError;
use gloo_timers::future::TimeoutFuture;
use tandem_protocol::{ConversationId, live::ServerFrame, model::Message, rest::Page};
use wasm_bindgen_futures::spawn_local;

/// Reading more events than this takes longer than loading a snapshot.
const MAX_EVENTS: usize = 1_000;
/// The newest conversations whose messages are kept.
const KEPT_PAGES: usize = 50;
/// Before the first page is loaded to be kept, in milliseconds: what the person sees is loaded first.
const IDLE_MS: u32 = 3_000;

impl Engine {
    /// Loads what is kept, if there is nothing newer and no newer attempt to connect.
    pub(super) async fn restore(&self, generation: u32) {
        let Some((snapshot, events)) = self.inner.persistence.kept_state().await else { return };
        let open = self.inner.model.borrow().opened();
        let page = match open {
            Some(id) => self.inner.persistence.kept_page(id).await.map(|page| (id, page)),
            None => None,
        };
        let is_overtaken = generation != self.inner.connection.generation.get();
        if is_overtaken || events.len() > MAX_EVENTS {
            return;
        }
        let frames: Vec<ServerFrame> =
            events.iter().flat_map(|text| ServerFrame::parse(text).unwrap_or_default()).collect();
        let loaded = page.as_ref().map(|(id, _)| *id);
        self.inner.model.borrow_mut().restore(snapshot, &frames, page);
        self.load_opened(loaded);
        self.schedule();
    }

    /// Keeps a frame whose last event has this number. A page that is open for weeks begins anew from time to time.
    pub(super) fn keep_event(&self, seq: i64, frame: &str) {
        self.inner.persistence.keep_event(seq, frame);
        let kept = self.inner.kept_events.get() + 1;
        self.inner.kept_events.set(kept);
        if kept == MAX_EVENTS {
            let engine = self.clone();
            spawn_local(async move {
                engine.inner.kept_events.set(0);
                if let Ok((snapshot, text)) = engine.inner.api.snapshot().await {
                    engine.inner.persistence.keep_snapshot(snapshot.seq, &text);
                    engine.keep_pages();
                }
            });
        }
    }

    /// The newest messages of a conversation; without a network, those that are kept.
    pub(super) async fn newest_page(&self, id: ConversationId) -> Result<Page<Message>, ApiError> {
        match self.inner.api.history(id, None).await {
            Ok((page, text)) => {
                self.inner.persistence.keep_page(id, &text);
                Ok(page)
            }
            Err(ApiError::Network) => self.inner.persistence.kept_page(id).await.ok_or(ApiError::Network),
            Err(error) => Err(error),
        }
    }

    /// Keeps the newest messages of the newest conversations, one after the other, while the connection lives.
    pub(super) fn keep_pages(&self) {
        let (engine, generation) = (self.clone(), self.inner.connection.generation.get());
        spawn_local(async move {
            TimeoutFuture::new(IDLE_MS).await;
            let kept = engine.inner.persistence.kept_pages().await;
            let newest: Vec<ConversationId> = {
                let model = engine.inner.model.borrow();
                model.replica().conversations().iter().take(KEPT_PAGES).map(|known| known.id).collect()
            };
            for id in newest.into_iter().filter(|id| !kept.contains(id)) {
                if generation != engine.inner.connection.generation.get() || engine.newest_page(id).await.is_err() {
                    return;
                }
            }
        });
    }
}
