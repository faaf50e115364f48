//! Handles frames of the server: events and deltas go to the replica, acknowledgements and errors to the outbox.

use super::{Effect, Model, RemoteChange};
use crate::state::{
    notice::{self, Notice},
    outbox::{Delivery, Entry, Refusal},
};
use crate::text::notices as text;
use tandem_protocol::{
    CommandId, ConversationId, ErrorCode, Timestamp,
    enums::ActorKind,
    live::{
        ClientFrame, Command, Event, ServerFrame,
        server::{Ack, ErrorFrame},
    },
    replica::Change,
};

impl Model {
    /// Handles one frame of the server.
    pub(crate) fn frame(&mut self, frame: &ServerFrame, now: Timestamp) -> Vec<Effect> {
        // The replica first: settling the outbox below needs the new sequence number.
        let change = self.replica.apply(frame);
        let mut effects = self.after(&change, frame, now);
        match frame {
            ServerFrame::Event(_) => self.settle(),
            ServerFrame::Ack(ack) => effects.extend(self.acknowledged(ack, now)),
            ServerFrame::Error(error) => effects.extend(self.refused(error, now)),
            ServerFrame::Ping(_) => effects.push(Effect::Send(ClientFrame::Pong { seq: self.replica.seq() })),
            ServerFrame::AuthExpiring(_) => effects.push(Effect::RenewToken),
            ServerFrame::Bye(bye) => self.reconnect_after_ms = bye.reconnect_after_ms,
            ServerFrame::Welcome(_)
            | ServerFrame::Live(_)
            | ServerFrame::Delta(_)
            | ServerFrame::AuthOk(_)
            | ServerFrame::Presence(_) => {}
        }
        effects
    }

    /// Marks the views that a change of the replica concerns, and returns its effects.
    fn after(&mut self, change: &Change, frame: &ServerFrame, now: Timestamp) -> Vec<Effect> {
        match change {
            // A gap in a delta is harmless: the event at the end of the reply contains the whole text.
            Change::None | Change::Duplicate | Change::DeltaGap { .. } => {}
            // The next connection resumes after the last event that was applied, so the server sends the missing ones.
            Change::Gap { .. } => return vec![Effect::Reconnect],
            Change::Resync => {
                self.connection.welcomed(now);
                self.dirty.connection = true;
                return vec![Effect::Resync];
            }
            Change::Welcome(_) => {
                self.connection.welcomed(now);
                self.dirty.connection = true;
            }
            Change::Live => {
                self.connection.live();
                self.dirty.connection = true;
                self.dirty.thread = true;
                return self.send_due(now);
            }
            Change::Presence => self.dirty.connection = true,
            Change::User => self.dirty.user = true,
            Change::Sessions => self.dirty.sessions = true,
            Change::Conversation(id) => {
                self.dirty.threads = true;
                self.mark_thread(*id);
            }
            Change::ConversationRemoved(id) => {
                self.dirty.threads = true;
                let thread = self.thread_mut(*id);
                (thread.history, thread.deleted) = (super::History::Missing, true);
                self.mark_thread(*id);
                return vec![Effect::Abandon(*id)];
            }
            Change::Message { conversation_id, .. } => {
                // The list shows which conversations have a running reply.
                self.dirty.threads = true;
                self.mark_thread(*conversation_id);
                return self.keep_conversation(*conversation_id, frame);
            }
            Change::Text { message_id, .. } => {
                let open = self.replica.message(*message_id).map(|message| message.conversation_id);
                self.dirty.stream |= open.is_some() && open == self.open;
            }
            Change::Task(id) => {
                self.dirty.tasks = true;
                if let ServerFrame::Event(event) = frame
                    // Changes in a replay are old, so they are not highlighted.
                    && self.connection.is_live()
                    && let Some(change) = self.remote_change_of(event, now)
                {
                    self.remote_changes.insert(*id, change);
                }
            }
            Change::TaskRemoved(id) => {
                // Somebody may be editing it, or have a change of it that waits.
                if let ServerFrame::Event(event) = frame
                    && let Some(change) = self.remote_change_of(event, now)
                {
                    self.remote_changes.insert(*id, change);
                }
                self.dirty.tasks = true;
            }
        }
        Vec::new()
    }

    /// Takes back the deletion of a conversation in which somebody writes before it is sent: nobody has seen those words.
    fn keep_conversation(&mut self, id: ConversationId, frame: &ServerFrame) -> Vec<Effect> {
        let here = |event: &Event| event.actor.device_id.as_ref() == Some(&self.device.id);
        let is_new = matches!(frame, ServerFrame::Event(event) if event.name == "message.created" && !here(event));
        let deletion = self.outbox.deletion_of(id).filter(|_| is_new);
        let Some(mut effects) = deletion.and_then(|command| self.take_back(command)) else { return Vec::new() };
        effects.push(Effect::Notify(Notice::failed(text::NOT_DELETED_SOMETHING_NEW)));
        effects
    }

    /// Who changed a task, unless it was the person on this device.
    fn remote_change_of(&self, event: &Event, at: Timestamp) -> Option<RemoteChange> {
        // The person's own change: made on this device, or by a command of this tab.
        let mine = event.actor.kind == ActorKind::User && event.actor.device_id.as_ref() == Some(&self.device.id);
        // A reminder that fires is nobody's change, though it is the person who has set it.
        let nobodys = event.name == "reminder.due";
        let asked_here = event.command_id.is_some_and(|id| self.objects.contains_key(&id));
        if nobodys || mine || (asked_here && event.actor.kind == ActorKind::User) {
            return None;
        }
        let devices = self.replica.presence();
        let device = devices.iter().find(|device| Some(&device.id) == event.actor.device_id.as_ref());
        Some(RemoteChange { by: event.actor.kind, device: device.map(|device| device.name.clone()), at })
    }

    fn acknowledged(&mut self, ack: &Ack, now: Timestamp) -> Vec<Effect> {
        let Some(entry) = self.outbox.acknowledged(ack.id, ack.seq) else { return Vec::new() };
        let object = self.objects.get(&ack.id).cloned();
        let mut effects = vec![Effect::Forget(ack.id)];
        effects.extend(notice::about_done(&entry, object, ack).map(Effect::Notify));
        effects.extend(notice::next_of(&entry, ack).map(|next| Effect::Again { id: ack.id, next }));
        effects.extend(notice::undo_token_of(ack).and_then(|token| self.keep_token(ack.id, token)));
        self.mark_command(&entry.command);
        self.settle();
        // An answer frees a slot of the window.
        effects.extend(self.send_due(now));
        effects
    }

    fn refused(&mut self, error: &ErrorFrame, now: Timestamp) -> Vec<Effect> {
        let Some(id) = error.id.as_ref().and_then(|id| id.parse::<CommandId>().ok()) else { return Vec::new() };
        if let Some(effects) = self.merge_edit(id, error) {
            return effects;
        }
        let refusal = self.outbox.refused(id, error.code, &error.message, error.retry_after_ms, now);
        match refusal {
            None | Some(Refusal::Later) => self.send_due(now),
            Some(Refusal::StillLater(entry)) => {
                let mut effects = self.send_due(now);
                if !is_harmless(&entry.command, error.code) {
                    let object = self.objects.get(&id).map(String::as_str);
                    effects.push(Effect::Notify(notice::about_delay(&entry, object, &error.message)));
                }
                effects
            }
            Some(Refusal::Kept(entry)) => {
                self.mark_command(&entry.command);
                let mut effects = self.return_text(&entry, error.code);
                effects.extend(self.send_due(now));
                effects
            }
            Some(Refusal::Dropped(entry)) => {
                self.mark_command(&entry.command);
                let mut effects = vec![Effect::Forget(id), Effect::Dropped(id)];
                if !is_harmless(&entry.command, error.code) {
                    let object = self.objects.get(&id).map(String::as_str);
                    effects.push(Effect::Notify(notice::about_refusal(&entry, object, error.code, &error.message)));
                }
                effects.extend(self.send_due(now));
                effects
            }
        }
    }

    /// Takes a message out of the outbox whose conversation was deleted: it can never be sent, but its text is kept.
    fn return_text(&mut self, entry: &Entry, code: ErrorCode) -> Vec<Effect> {
        let Command::MessageSend(send) = &entry.command else { return Vec::new() };
        if code != ErrorCode::NotFound || self.replica.conversation(send.conversation_id).is_some() {
            return Vec::new();
        }
        self.outbox.remove(entry.id);
        let thread = self.thread_mut(send.conversation_id);
        (thread.history, thread.deleted) = (super::History::Missing, true);
        self.dirty.threads = true;
        let notice = Notice::failed(text::THE_CONVERSATION_WAS_DELETED_YOUR);
        vec![Effect::KeepText(send.text.clone()), Effect::Forget(entry.id), Effect::Notify(notice)]
    }

    /// Removes acknowledged commands whose events have arrived. Until then they stay applied: between `ack` and event
    /// the old state would be visible for a moment.
    fn settle(&mut self) {
        let done: Vec<Command> = self
            .outbox
            .entries()
            .filter(|entry| matches!(entry.delivery, Delivery::Done { seq } if seq <= self.replica.seq()))
            .map(|entry| entry.command.clone())
            .collect();
        for command in &done {
            self.mark_command(command);
        }
        self.outbox.settle(self.replica.seq());
    }
}

/// Whether a refusal needs no notice: what the person wanted is already the case, or they did not request it.
fn is_harmless(command: &Command, code: ErrorCode) -> bool {
    match command {
        Command::ConversationRead(_) => true,
        Command::TaskDelete(_) | Command::ConversationDelete(_) => code == ErrorCode::NotFound,
        _ => false,
    }
}
