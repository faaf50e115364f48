//! Loads over REST what the socket does not send: the snapshot, older messages, completed tasks.

use super::Engine;
use crate::text::notices as text;
use crate::{
    api::ApiError,
    platform::window,
    state::{
        notice::Notice,
        thread::{self, ThreadItem},
    },
};
use gloo_timers::future::TimeoutFuture;
use std::sync::Arc;
use tandem_protocol::{
    ConversationId, ErrorCode, MessageId,
    model::{Message, Task},
};
use wasm_bindgen_futures::spawn_local;

impl Engine {
    /// Replaces the state by a snapshot. The first page of the open conversation is loaded before, so that the messages
    /// do not disappear for a moment.
    pub(super) async fn load_snapshot(&self) -> Result<(), ApiError> {
        let (snapshot, text) = self.inner.api.snapshot().await?;
        self.inner.persistence.keep_snapshot(snapshot.seq, &text);
        // A failure of this page is not fatal: it is loaded again when the snapshot is in place.
        let open = self.inner.model.borrow().opened();
        let page = match open {
            Some(id) => self.newest_page(id).await.ok().map(|page| (id, page)),
            None => None,
        };
        let loaded = page.as_ref().map(|(id, _)| *id);
        self.inner.model.borrow_mut().load_snapshot(snapshot, page);
        self.inner.has_parts.set(false);
        self.load_opened(loaded);
        self.schedule();
        Ok(())
    }

    /// Loads the open conversation after a snapshot, unless it is the one that came with it: the person may have opened
    /// another one meanwhile, or its page did not arrive.
    pub(super) fn load_opened(&self, loaded: Option<ConversationId>) {
        let open = self.inner.model.borrow().opened();
        if let Some(id) = open.filter(|id| Some(*id) != loaded) {
            self.load_first_page(id);
        }
    }

    /// Loads a snapshot, because the server cannot send the missing events, and sends `hello` again on the same socket.
    pub(super) fn resync(&self) {
        let engine = self.clone();
        spawn_local(async move {
            match engine.load_snapshot().await {
                Ok(()) => engine.send_hello(),
                Err(ApiError::SessionEnded) => engine.on_session_ended(),
                Err(_) => engine.reconnect_later(),
            }
        });
    }

    /// Opens a conversation, or the form of a new one.
    pub(crate) fn open(&self, conversation: Option<ConversationId>) {
        if let Some(id) = conversation
            && let Some(choices) = self.inner.persistence.choices(id)
        {
            self.inner.model.borrow_mut().restore_choices(id, &choices);
        }
        let load = self.inner.model.borrow_mut().open(conversation);
        self.flush();
        if let Some(id) = conversation.filter(|_| load) {
            self.load_first_page(id);
        }
    }

    /// Loads the newest messages of the open conversation again after a failure.
    pub(crate) fn reload_history(&self) {
        let open = self.inner.model.borrow().opened();
        self.open(open);
    }

    fn load_first_page(&self, id: ConversationId) {
        let engine = self.clone();
        spawn_local(async move {
            // A link may lead to a conversation beyond the first page of the list.
            if engine.inner.model.borrow().replica().conversation(id).is_none()
                && let Ok(conversation) = engine.inner.api.conversation(id).await
            {
                engine.inner.model.borrow_mut().load_conversation(conversation);
            }
            engine.load_page(id, None).await;
        });
    }

    /// Loads the page before the oldest loaded message.
    pub(crate) fn load_older(&self) {
        let next = {
            let mut model = self.inner.model.borrow_mut();
            model.opened().and_then(|id| model.take_older_cursor(id).map(|cursor| (id, cursor)))
        };
        let Some((id, cursor)) = next else { return };
        let engine = self.clone();
        spawn_local(async move { engine.load_page(id, Some(&cursor)).await });
        self.schedule();
    }

    /// Opens the conversation of a message, and loads it down to that message.
    pub(crate) fn seek(&self, conversation: ConversationId, message: MessageId) {
        self.inner.model.borrow_mut().seek(conversation, message);
        self.flush();
        self.load_towards_target();
    }

    /// Each page that arrives asks for the next one, until the message is there or the conversation has ended.
    fn load_towards_target(&self) {
        let seeks = self.inner.model.borrow().seeks_older();
        if seeks {
            self.load_older();
        }
    }

    /// The message that was sought is on the page.
    pub(crate) fn found(&self) {
        self.inner.model.borrow_mut().found();
        self.schedule();
    }

    async fn load_page(&self, id: ConversationId, cursor: Option<&str>) {
        let page = match cursor {
            Some(_) => self.inner.api.history(id, cursor).await.map(|(page, _)| page),
            None => self.newest_page(id).await,
        };
        match page {
            Ok(page) => {
                self.inner.model.borrow_mut().load_history(id, page);
                self.load_towards_target();
            }
            Err(error) => {
                let missing = error.code() == Some(ErrorCode::NotFound);
                let effects = self.inner.model.borrow_mut().history_failed(id, missing);
                self.run(effects);
            }
        }
        self.schedule();
    }

    /// Prints the open conversation, after all of its messages are loaded.
    pub(crate) fn print(&self) {
        let engine = self.clone();
        spawn_local(async move {
            loop {
                let next = {
                    let mut model = engine.inner.model.borrow_mut();
                    model.opened().and_then(|id| model.take_older_cursor(id).map(|cursor| (id, cursor)))
                };
                let Some((id, cursor)) = next else { break };
                engine.load_page(id, Some(&cursor)).await;
                // A page that failed would be asked for again and again.
                if engine.inner.model.borrow().older_cursor(id) == Some(cursor.as_str()) {
                    break;
                }
            }
            engine.flush();
            window::prepare_print();
            // After the messages are drawn.
            TimeoutFuture::new(0).await;
            window::print();
        });
    }

    /// The title of a conversation, the time zone of the account, and all messages of its newest branch.
    pub(crate) async fn whole_path(&self, id: ConversationId) -> Result<(String, String, Vec<ThreadItem>), ApiError> {
        let title = self.inner.api.conversation(id).await?.title;
        let (mut messages, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let (page, _) = self.inner.api.history(id, cursor.as_deref()).await?;
            // Each page is in the order of writing, and the pages go back in time.
            messages.splice(0..0, page.items.into_iter().map(Arc::new));
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        let known: Vec<&Arc<Message>> = messages.iter().collect();
        let items = thread::path(&known, std::iter::empty(), &thread::Choices::new());
        let zone = self.inner.model.borrow().replica().user().map(|user| user.time_zone.clone());
        Ok((title.unwrap_or_else(|| text::CONVERSATION.to_owned()), zone.unwrap_or_default(), items))
    }

    pub(crate) fn load_more_conversations(&self) {
        let Some(cursor) = self.inner.model.borrow().more_conversations().map(str::to_owned) else { return };
        let engine = self.clone();
        spawn_local(async move {
            match engine.inner.api.conversations(&cursor).await {
                Ok(page) => engine.inner.model.borrow_mut().load_conversations(page),
                Err(error) => engine.notify(Notice::failed(error.to_string())),
            }
            engine.schedule();
        });
    }

    /// Loads the next page of completed tasks, which are not in the snapshot.
    pub(crate) fn load_done_tasks(&self) {
        let cursor = self.inner.model.borrow().more_done().map(str::to_owned);
        let engine = self.clone();
        spawn_local(async move {
            match engine.inner.api.done_tasks(cursor.as_deref()).await {
                Ok(page) => engine.inner.model.borrow_mut().load_done_tasks(page),
                Err(error) => engine.notify(Notice::failed(error.to_string())),
            }
            engine.schedule();
        });
    }

    /// Calls `then` with all tasks that have a label. Done ones are loaded before; without a connection they are those known.
    pub(crate) fn with_labelled(&self, label: &'static str, then: impl FnOnce(&Self, Vec<Arc<Task>>) + 'static) {
        let engine = self.clone();
        spawn_local(async move {
            if let Ok(page) = engine.inner.api.done_labelled(label).await {
                engine.inner.model.borrow_mut().load_tasks(page.items);
            }
            let mut tasks = engine.inner.model.borrow().task_view().tasks;
            tasks.retain(|task| task.labels.iter().any(|known| known == label));
            then(&engine, tasks);
        });
    }

    /// Loads the done subtasks of open tasks, once for each snapshot.
    pub(super) fn load_parts(&self) {
        if self.inner.has_parts.replace(true) {
            return;
        }
        let engine = self.clone();
        spawn_local(async move {
            let mut cursor = None;
            loop {
                let Ok(page) = engine.inner.api.done_parts(cursor.as_deref()).await else {
                    return engine.inner.has_parts.set(false);
                };
                cursor = page.next_cursor;
                engine.inner.model.borrow_mut().load_tasks(page.items);
                engine.schedule();
                if cursor.is_none() {
                    return;
                }
            }
        });
    }
}
