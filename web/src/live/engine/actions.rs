//! The actions of the person. Most of them submit a command.

use super::Engine;
use crate::text::notices as text;
use crate::{
    api::{
        ApiError,
        body::{object, quoted},
    },
    platform::{clock, locale, notification, random, window},
    state::{
        drafts::DraftKey,
        model::EditDecision,
        notice::{Notice, NoticeKind},
    },
};
use tandem_protocol::{
    CommandId, ConversationId, MessageId, TaskId,
    enums::Decision,
    live::{
        Command,
        command::{
            ConversationCreate, ConversationRefArgs, ConversationUpdate, MessageApprove, MessageRefArgs, MessageSend,
        },
    },
    rest::UndoBody,
    settings::DateStyle,
};
use wasm_bindgen_futures::spawn_local;
use yew::Callback;

impl Engine {
    /// Sends a message to a conversation, or starts a conversation with it, with the provider that the person has chosen
    /// for it. Returns the conversation.
    pub(crate) fn send_text(&self, open: Option<ConversationId>, text: &str) -> ConversationId {
        let parent_id = {
            let model = self.inner.model.borrow();
            // Only the open conversation can show an older version, to which the message then belongs.
            if model.opened() == open { model.thread_view().parent_for_new } else { None }
        };
        let conversation_id = open.unwrap_or_else(random::conversation_id);
        if open.is_none() {
            self.inner.model.borrow_mut().begin(conversation_id);
            // Sent in this order, so that the first reply has the provider already.
            if let Some(provider) = self.choose_for_new(None) {
                self.submit(Command::ConversationCreate(ConversationCreate { id: Some(conversation_id), title: None }));
                let provider = Some(Some(provider));
                self.change_conversation(ConversationUpdate { provider, ..ConversationUpdate::of(conversation_id) });
            }
        }
        self.send_message(conversation_id, text, parent_id.map(Some));
        conversation_id
    }

    /// Sends an edited text as a sibling of a message. A message that has not reached the server is replaced.
    pub(crate) fn edit_message(&self, message: MessageId, text: &str) {
        let known = self.inner.model.borrow().replica().message(message).cloned();
        if let Some(known) = known {
            self.send_message(known.conversation_id, text, Some(known.parent_id));
            return;
        }
        // The old message is still in the outbox: remove it and send the new text in its place.
        let (conversation, parent, effects) = {
            let mut model = self.inner.model.borrow_mut();
            let Some(Command::MessageSend(send)) = model.outgoing(message).map(|entry| entry.command.clone()) else {
                return;
            };
            (send.conversation_id, send.parent_id, model.discard(message))
        };
        self.run(effects);
        self.send_message(conversation, text, parent);
    }

    #[expect(clippy::option_option, reason = "three cases: after the newest message, as the first, after a message")]
    fn send_message(&self, conversation_id: ConversationId, text: &str, parent_id: Option<Option<MessageId>>) {
        let id = Some(random::message_id());
        self.submit(Command::MessageSend(MessageSend { conversation_id, id, text: text.to_owned(), parent_id }));
    }

    /// Sends a message again that the server refused.
    pub(crate) fn resend(&self, message: MessageId) {
        let effects = self.inner.model.borrow_mut().resend(message, random::command_id(), clock::now());
        self.run(effects);
        self.flush();
    }

    /// Removes a message that has not reached the server.
    pub(crate) fn discard(&self, message: MessageId) {
        let effects = self.inner.model.borrow_mut().discard(message);
        self.run(effects);
        self.flush();
    }

    /// Stops a running or queued reply.
    pub(crate) fn stop_reply(&self, message_id: MessageId) {
        self.submit(Command::MessageCancel(MessageRefArgs { message_id }));
    }

    pub(crate) fn retry(&self, message_id: MessageId) {
        self.submit(Command::MessageRetry(MessageRefArgs { message_id }));
    }

    /// Approves or denies a tool call.
    pub(crate) fn decide(&self, message_id: MessageId, call_id: String, decision: Decision) {
        self.submit(Command::MessageApprove(MessageApprove { message_id, call_id, decision }));
    }

    /// Shows the previous (-1) or next (1) version of a message.
    pub(crate) fn choose_version(&self, message: MessageId, step: i32) {
        self.inner.model.borrow_mut().choose_version(message, step);
        let choices = self.inner.model.borrow_mut().take_choices();
        if let Some((conversation, text)) = choices {
            self.inner.persistence.store_choices(conversation, &text);
        }
        self.flush();
    }

    pub(crate) fn rename(&self, conversation_id: ConversationId, title: String) {
        let title = Some(title);
        self.change_conversation(ConversationUpdate { title, ..ConversationUpdate::of(conversation_id) });
    }

    pub(crate) fn change_conversation(&self, update: ConversationUpdate) {
        self.submit(Command::ConversationUpdate(update));
    }

    /// Deletes a conversation, unless the person takes it back while the notice is shown.
    pub(crate) fn delete_conversation(&self, conversation_id: ConversationId) {
        let known = self.inner.model.borrow().replica().conversation(conversation_id).cloned();
        let title = known.and_then(|known| known.title.clone());
        let id = self.submit(Command::ConversationDelete(ConversationRefArgs { conversation_id }));
        let object = Some(title.unwrap_or_else(|| text::THE_CONVERSATION.to_owned()));
        self.notify(Notice { kind: NoticeKind::Deleted, object, take_back: Some(id), ..Notice::done(text::DELETED) });
    }

    /// Takes back a command that was not sent yet.
    pub(crate) fn take_back(&self, id: CommandId) {
        let taken_back = self.inner.model.borrow_mut().take_back(id);
        match taken_back {
            Some(effects) => self.run(effects),
            None => self.notify(Notice::failed(text::IT_WAS_TOO_LATE_TO)),
        }
        self.flush();
    }

    /// Undoes a change, by its token.
    pub(crate) fn undo(&self, token: String) {
        self.submit(Command::Undo(UndoBody { undo_token: Some(token), undo_tokens: None }));
    }

    /// Decides about an edit of a task that others have changed or deleted.
    pub(crate) fn decide_edit(&self, id: CommandId, decision: EditDecision) {
        let effects = self.inner.model.borrow_mut().decide_edit(id, decision);
        self.run(effects);
        self.flush();
    }

    /// Keeps a message visible while it is edited.
    pub(crate) fn mark_edited(&self, message: Option<MessageId>) {
        self.inner.model.borrow_mut().edit_message(message);
        self.flush();
    }

    /// The text of a field that was not sent yet; may be empty.
    pub(crate) fn draft(&self, key: DraftKey) -> String {
        self.inner.drafts.borrow().of(key).to_owned()
    }

    pub(crate) fn write_draft(&self, key: DraftKey, text: String) {
        self.inner.drafts.borrow_mut().write(key, text, clock::now());
        self.persist_drafts(false);
        self.set_wake();
    }

    /// Another tab has stored or sent a draft.
    pub(super) fn draft_of_other_tab(&self, key: DraftKey, text: String) {
        if self.inner.drafts.borrow_mut().adopt(key, text) {
            self.inner.drafts_version.set(self.inner.drafts_version.get().wrapping_add(1));
            self.inner.model.borrow_mut().time_passed();
            self.schedule();
        }
    }

    /// The message of a conversation that was being edited, also before a reload.
    pub(crate) fn edited_message(&self, conversation: ConversationId) -> Option<MessageId> {
        self.inner.drafts.borrow().keys().find_map(|key| match key {
            DraftKey::Edit(id, message) if id == conversation => Some(message),
            _ => None,
        })
    }

    /// The task that was being edited, also before a reload.
    pub(crate) fn edited_task(&self) -> Option<TaskId> {
        self.inner.drafts.borrow().keys().find_map(|key| match key {
            DraftKey::Task(task) => Some(task),
            _ => None,
        })
    }

    /// The first of the wanted tasks to which a subtask was being added, also before a reload.
    pub(crate) fn extended_task(&self, is_wanted: &dyn Fn(TaskId) -> bool) -> Option<TaskId> {
        self.inner.drafts.borrow().keys().find_map(|key| match key {
            DraftKey::Part(task) if is_wanted(task) => Some(task),
            _ => None,
        })
    }

    /// Moves what was written in a conversation that does not exist any more to a new one.
    pub(super) fn abandon_drafts(&self, conversation: ConversationId) {
        self.inner.drafts.borrow_mut().abandon(conversation, clock::now());
        self.persist_drafts(true);
    }

    /// Adds a text to the draft of a new conversation.
    pub(super) fn keep_text(&self, text: &str) {
        self.inner.drafts.borrow_mut().add(DraftKey::NewConversation, text, clock::now());
        // Stored before the command that contained the text is forgotten.
        self.persist_drafts(true);
    }

    /// Assigns the draft of a new conversation to its id. Called when the conversation was started by a prompt and not
    /// by the draft.
    pub(crate) fn move_draft(&self, conversation: ConversationId) {
        self.inner.drafts.borrow_mut().begin(conversation, clock::now());
        self.persist_drafts(true);
    }

    /// Changes the account by a `UserPatch`.
    pub(crate) async fn save_user(&self, patch: &str) -> Result<(), ApiError> {
        let user = self.inner.api.update_me(patch).await?;
        self.inner.model.borrow_mut().load_user(user);
        self.schedule();
        Ok(())
    }

    /// Changes one field of one part of the settings; the value is JSON.
    pub(crate) fn save_settings(&self, part: &str, field: &str, value: String) {
        let settings = object(&[(part, object(&[(field, value)]))]);
        let (engine, patch) = (self.clone(), object(&[("settings", settings)]));
        self.attempt(async move { engine.save_user(&patch).await }, Callback::noop());
    }

    /// Sends time zone, clock and order of dates of the browser when the account has none yet: once after a sign-in, because
    /// UTC or 24 hours may be what the person has chosen since.
    pub(crate) fn adopt_locale(&self) {
        if self.inner.persistence.has_visited() {
            return;
        }
        let (zone, dates) = (clock::browser_time_zone(), locale::dates());
        let mut patch = Vec::new();
        if let Some(user) = self.inner.model.borrow().replica().user() {
            if user.time_zone == "UTC" && zone != "UTC" {
                patch.push(("time_zone", quoted(&zone)));
            }
            if user.settings.date_style() == DateStyle::default() && dates != DateStyle::default() {
                patch.push(("settings", date_settings(dates)));
            }
        }
        if patch.is_empty() {
            return self.inner.persistence.store_visit();
        }
        let engine = self.clone();
        // The person did not request this, so a failure is not shown. The next page load tries again.
        spawn_local(async move {
            if engine.save_user(&object(&patch)).await.is_ok() {
                engine.inner.persistence.store_visit();
            }
        });
    }

    /// Has answers and pushes write times and dates as this page does.
    pub(crate) fn save_date_style(&self) {
        let (engine, patch) = (self.clone(), object(&[("settings", date_settings(locale::dates()))]));
        self.attempt(async move { engine.save_user(&patch).await }, Callback::noop());
    }

    /// Runs a request, and `done` after its end. A failure becomes a notice.
    pub(crate) fn attempt(&self, request: impl Future<Output = Result<(), ApiError>> + 'static, done: Callback<()>) {
        let engine = self.clone();
        spawn_local(async move {
            if let Err(error) = request.await {
                engine.notify(Notice::failed(error.to_string()));
            }
            done.emit(());
        });
    }

    /// Sets the provider of the next new conversation. Returns the one that was set before.
    pub(crate) fn choose_for_new(&self, provider: Option<String>) -> Option<String> {
        let before = self.inner.next_provider.replace(provider);
        self.inner.model.borrow_mut().time_passed();
        self.schedule();
        before
    }

    /// Loads which providers the server has, and their state.
    pub(crate) fn load_providers(&self) {
        let engine = self.clone();
        spawn_local(async move {
            // Without an answer the page shows what it knew.
            if let Ok(server) = engine.inner.api.server().await {
                *engine.inner.providers.borrow_mut() = server.providers.into();
                engine.inner.model.borrow_mut().time_passed();
                engine.schedule();
            }
        });
    }

    /// Copies text to the clipboard. The notice of the result is announced to screen readers, too.
    pub(crate) fn copy(&self, text: String) {
        let engine = self.clone();
        spawn_local(async move {
            engine.notify(match window::copy(&text).await {
                Ok(()) => Notice { kind: NoticeKind::Copied, ..Notice::done(text::COPIED) },
                Err(_) => Notice::failed(text::COULD_NOT_COPY_THE_BROWSER),
            });
        });
    }

    /// How many changes the server has not acknowledged, also those of other tabs: without storage those of this one.
    pub(crate) fn unsent(&self) -> usize {
        let own = self.inner.model.borrow().outbox().entries().filter(|entry| !entry.is_acknowledged()).count();
        own.max(self.inner.persistence.commands().len())
    }

    /// Stops the engine and deletes what this browser has stored for the user. Called when they sign out.
    pub(crate) fn clear_local_data(&self) {
        self.stop();
        self.inner.persistence.clear();
        notification::close_all();
    }
}

/// The part of `settings` that says how dates and times are written.
fn date_settings(dates: DateStyle) -> String {
    let json = |is: bool| if is { "true" } else { "false" }.to_owned();
    object(&[("twelve_hours", json(dates.twelve_hours)), ("month_first", json(dates.month_first))])
}
