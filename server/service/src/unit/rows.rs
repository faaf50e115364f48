//! Writing a row together with the event that carries it.
//!
//! Devices learn of a change by its event alone. So whatever they show is written here, row first, then its event, and
//! the rest of the services cannot write the one without the other.

use super::{Result, UnitOfWork};
use crate::reminders::LOOK_EVERY;
use tandem_bus::Control;
use tandem_domain::{change::KeptChange, reminder::Firing, series::CompletionRecord};
use tandem_protocol::{
    CompletionId, ConversationId, SessionId, TaskId,
    enums::{AuditAction, PushKind},
    id::SubscriptionId,
    live::EventBody,
    model::{Conversation, Message, Summary, Task, User},
};
use tandem_store::{ConversationRow, NewSession, PushSubject, Run, UndoEntry};

/// The account and its sessions.
impl UnitOfWork {
    pub(crate) async fn update_user(&mut self, user: &User) -> Result<()> {
        self.tx.update_user(user).await?;
        self.record(EventBody::UserUpdated { user: user.clone() }).await
    }

    pub(crate) async fn insert_session(&mut self, new: &NewSession) -> Result<()> {
        self.tx.insert_session(new).await?;
        self.record(EventBody::SessionCreated { session: new.session.clone() }).await
    }

    /// Ends a session and closes its sockets after the commit; false when it was not alive.
    pub(crate) async fn revoke_session(&mut self, id: SessionId) -> Result<bool> {
        self.end_session(id, AuditAction::SessionRevoke).await
    }

    /// The same, for the record with its reason.
    pub(crate) async fn end_session(&mut self, id: SessionId, reason: AuditAction) -> Result<bool> {
        if !self.tx.revoke_session(id, self.now).await? {
            return Ok(false);
        }
        self.record(EventBody::SessionRevoked { session_id: id }).await?;
        self.audit(reason, Some(id.to_string())).await?;
        // Every node closes its sockets of the session.
        self.after_commit(Control::SessionRevoked(id));
        Ok(true)
    }
}

/// Conversations, and the messages in them.
impl UnitOfWork {
    pub(crate) async fn insert_conversation(&mut self, row: &ConversationRow) -> Result<()> {
        self.tx.insert_conversation(row).await?;
        self.record(EventBody::ConversationCreated { conversation: row.conversation.clone() }).await
    }

    /// Writes a changed conversation. `renamed` is whether the title may be another.
    pub(crate) async fn update_conversation(
        &mut self,
        mut row: ConversationRow,
        renamed: bool,
    ) -> Result<Conversation> {
        row.conversation.updated_at = self.now;
        self.tx.update_conversation(&row, renamed).await?;
        self.record(EventBody::ConversationUpdated { conversation: row.conversation.clone() }).await?;
        Ok(row.conversation)
    }

    pub(crate) async fn delete_conversation(&mut self, id: ConversationId) -> Result<()> {
        self.tx.delete_conversation(id, self.now).await?;
        self.record(EventBody::ConversationDeleted { conversation_id: id }).await
    }

    pub(crate) async fn insert_message(&mut self, message: &Message) -> Result<()> {
        self.tx.insert_message(message).await?;
        self.record(EventBody::MessageCreated { message: message.clone() }).await
    }

    /// Writes a message that has changed as a whole.
    pub(crate) async fn update_message(&mut self, message: &Message) -> Result<()> {
        self.tx.update_message(message).await?;
        self.record(EventBody::MessageUpdated { message: message.clone() }).await
    }

    /// Writes the summary of a message.
    pub(crate) async fn update_summary(&mut self, message: Message, summary: Summary) -> Result<()> {
        self.tx.save_summary(message.id, &summary).await?;
        self.record(EventBody::MessageUpdated { message: Message { summary: Some(summary), ..message } }).await
    }

    /// Writes a message, and an event for each of the parts that changed. A message that streams may change without
    /// one: its text reaches devices as deltas.
    pub(crate) async fn update_parts(&mut self, message: &Message, changed: &[usize]) -> Result<()> {
        self.tx.update_message(message).await?;
        for &index in changed {
            let part = message.parts[index].clone();
            self.record(EventBody::MessagePart { message_id: message.id, index, part }).await?;
        }
        Ok(())
    }

    /// Writes a reply that starts over, with the run that carries its new attempt.
    pub(crate) async fn restart_message(&mut self, run: &Run, message: &Message) -> Result<()> {
        self.tx.update_message(message).await?;
        self.tx.update_run(run).await?;
        let Message { id: message_id, attempt, parts, .. } = message.clone();
        self.record(EventBody::MessageRestarted { message_id, attempt, parts }).await
    }

    /// Writes a reply that has ended, and ends its run. The event is pushed to these devices.
    pub(crate) async fn complete_message(&mut self, message: &Message, targets: &[SubscriptionId]) -> Result<()> {
        self.tx.update_message(message).await?;
        self.tx.delete_run(message.id).await?;
        self.record(EventBody::MessageCompleted { message: message.clone() }).await?;
        self.push_newest(targets, PushSubject { kind: PushKind::Reply, id: message.id.0, reminder: None }).await
    }

    /// Writes a reply of which calls wait for the user. The last event is pushed to these devices.
    pub(crate) async fn ask_about_parts(
        &mut self,
        message: &Message,
        changed: &[usize],
        targets: &[SubscriptionId],
    ) -> Result<()> {
        self.update_parts(message, changed).await?;
        self.push_newest(targets, PushSubject { kind: PushKind::Approval, id: message.id.0, reminder: None }).await
    }
}

/// Tasks, and what takes a change of them back.
impl UnitOfWork {
    pub(crate) async fn insert_task(&mut self, task: &Task) -> Result<()> {
        self.tx.insert_task(task).await?;
        // The store counts the number at the commit; a second task of this unit needs the next one now.
        self.account.next_task_number += 1;
        self.note_reminder(task);
        self.record(EventBody::TaskCreated { task: task.clone() }).await
    }

    /// Writes a changed task. `reworded` is whether the search may know it by other words.
    pub(crate) async fn update_task(&mut self, task: &Task, reworded: bool) -> Result<()> {
        self.note_reminder(task);
        self.tx.update_task(task, reworded).await?;
        self.record(EventBody::TaskUpdated { task: task.clone() }).await
    }

    /// Writes a task of which only the reminders have changed.
    pub(crate) async fn update_reminders(&mut self, task: &Task) -> Result<()> {
        self.note_reminder(task);
        self.tx.update_reminders(task).await?;
        self.record(EventBody::TaskUpdated { task: task.clone() }).await
    }

    /// Writes a task of which reminders have fired, with an event for each, which is pushed to these devices.
    pub(crate) async fn fire_reminders(
        &mut self,
        task: &Task,
        fired: &[Firing],
        targets: &[SubscriptionId],
    ) -> Result<()> {
        self.tx.update_reminders(task).await?;
        for Firing { reminder, at, late } in fired.iter().copied() {
            let (task_id, task) = (task.id, task.clone());
            self.record(EventBody::ReminderDue { task_id, reminder_id: reminder, at, late, task }).await?;
            let subject = PushSubject { kind: PushKind::Reminder, id: task_id.0, reminder: Some(reminder) };
            self.push_newest(targets, subject).await?;
        }
        Ok(())
    }

    fn note_reminder(&mut self, task: &Task) {
        self.reminder_soon |= task.next_reminder().is_some_and(|next| next <= self.now.plus(LOOK_EVERY));
    }

    /// Brings a task back from the trash. To devices it is a new one.
    pub(crate) async fn restore_task(&mut self, task: &Task) -> Result<()> {
        self.note_reminder(task);
        self.tx.update_task(task, true).await?;
        self.record(EventBody::TaskCreated { task: task.clone() }).await
    }

    pub(crate) async fn delete_task(&mut self, id: TaskId) -> Result<()> {
        self.tx.delete_task(id, self.now).await?;
        self.record(EventBody::TaskDeleted { task_id: id }).await
    }

    /// Records that a task was done. Devices are sent the task; the list of completions is read when it is shown.
    pub(crate) async fn insert_completion(&mut self, record: &CompletionRecord) -> Result<()> {
        Ok(self.tx.insert_completion(record).await?)
    }

    pub(crate) async fn delete_completion(&mut self, id: CompletionId) -> Result<()> {
        Ok(self.tx.delete_completion(id).await?)
    }

    /// Keeps what was done to tasks, so that it can be taken back; returns the token for it.
    pub(crate) async fn save_undo(&mut self, changes: Vec<impl Into<KeptChange>>) -> Result<String> {
        self.save_undo_entry(changes, false).await
    }

    /// The same for what took another change back: it is found by its token alone, so that one undo after another goes
    /// back through the changes, and not to and fro.
    pub(crate) async fn save_reversal(&mut self, changes: Vec<KeptChange>) -> Result<String> {
        self.save_undo_entry(changes, true).await
    }

    async fn save_undo_entry(&mut self, changes: Vec<impl Into<KeptChange>>, reversal: bool) -> Result<String> {
        let changes = changes.into_iter().map(Into::into).collect();
        let token = self.id().simple().to_string();
        let (at, origin) = (self.now, self.origin);
        self.tx.save_undo(&UndoEntry { token: token.clone(), at, used: false, reversal, changes, origin }).await?;
        Ok(token)
    }

    pub(crate) async fn use_undo(&mut self, token: &str) -> Result<()> {
        Ok(self.tx.use_undo(token).await?)
    }
}
