//! The conditions that hold for an account whenever nothing is in progress.
//!
//! The log has no gaps, contains for each command what was acknowledged, and results in exactly the state that devices and
//! REST show.

use crate::ledger::{ByCommand, Entry};
use std::collections::{BTreeMap, BTreeSet};
use tandem_protocol::{
    MessageId,
    enums::{ActorKind, TaskStatus, ToolState},
    live::{Event, EventBody, ServerFrame},
    model::{Conversation, Message, Part, Task},
    replica::{Digest, Replica},
    rest::{EventList, Snapshot},
};
use tandem_tests::{Device, TestUser};

/// Reads the log of a user from its start, and compares other views with it.
pub(crate) struct Auditor {
    user: TestUser,
    replica: Replica,
    by_command: ByCommand,
    /// The last event and its body.
    before: Option<(Event, Option<EventBody>)>,
    /// Completions of each tool call, by message and index.
    done: BTreeMap<(MessageId, usize), usize>,
}

impl Auditor {
    pub(crate) async fn new(user: &TestUser) -> Self {
        let snapshot = user.snapshot().await;
        let mut replica = Replica::at_start(snapshot.epoch);
        replica.load_user(snapshot.user);
        let (by_command, done) = (ByCommand::new(), BTreeMap::new());
        Self { user: user.clone(), replica, by_command, before: None, done }
    }

    /// Reads the log to its end and returns that seq.
    pub(crate) async fn catch_up(&mut self) -> i64 {
        loop {
            let head = self.read(i64::MAX).await;
            if self.seq() >= head {
                return head;
            }
        }
    }

    /// Reads the log up to an event.
    pub(crate) async fn catch_up_to(&mut self, seq: i64) {
        while self.seq() < seq {
            self.read(seq).await;
        }
    }

    /// Reads a page of the log up to the event `last`, and returns the end of the log.
    async fn read(&mut self, last: i64) -> i64 {
        let (since, epoch) = (self.seq(), self.replica.epoch().unwrap_or_default());
        let list: EventList = self.user.get(&format!("/events?since={since}&epoch={epoch}")).await.expect(200).read();
        for event in list.items.into_iter().take_while(|event| event.seq <= last) {
            self.take(event);
        }
        list.seq
    }

    fn take(&mut self, event: Event) {
        let body = event.body().unwrap_or_else(|error| panic!("{error} in {event:?}"));
        assert!(body.is_some(), "an event with an unknown name: {event:?}");
        self.replica.apply(&ServerFrame::Event(event.clone()));
        assert_eq!(self.replica.seq(), event.seq, "the log has a gap or a duplicate");
        if let Some(command) = event.command_id.filter(|_| event.actor.kind != ActorKind::Assistant) {
            self.by_command.entry(command).or_default().push((event.seq, event.name.clone()));
        }
        if let Some(EventBody::MessagePart { message_id, index, part: Part::ToolCall(call) }) = &body
            && call.state == ToolState::Done
        {
            let times = self.done.entry((*message_id, *index)).or_default();
            *times += 1;
            assert_eq!(*times, 1, "a tool call was done twice: {event:?}");
            assert!(self.was_effect(&call.result["task"]["id"]), "the effect precedes its result: {event:?}");
        }
        self.before = Some((event, body));
    }

    /// Whether the previous event is the effect of an `add_task` with this id.
    fn was_effect(&self, id: &serde_json::Value) -> bool {
        let Some((event, Some(EventBody::TaskCreated { task }))) = &self.before else { return false };
        event.actor.kind == ActorKind::Assistant && task.id.to_string() == id.as_str().unwrap_or_default()
    }

    /// Asserts that each command had the effect that was acknowledged.
    pub(crate) fn check_commands(&self, entries: &[Entry]) {
        let faults: Vec<String> = entries.iter().filter_map(|entry| entry.fault(&self.by_command)).collect();
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }

    /// Asserts that a device has the state of the log.
    pub(crate) fn check_device(&self, name: &str, digest: &Digest) {
        if let Some(difference) = digest.difference(&self.replica.digest()) {
            panic!("{name} (left) differs from the log (right):\n{difference}");
        }
    }

    /// Asserts that a snapshot with the same seq has the state of the log.
    pub(crate) fn check_snapshot(&self, snapshot: &Snapshot) {
        assert_eq!(Some(snapshot.epoch.as_str()), self.replica.epoch());
        let open: Vec<&Task> = self.replica.tasks().into_iter().map(AsRef::as_ref).collect();
        let open: Vec<&Task> = open.into_iter().filter(|task| task.status == TaskStatus::Open).collect();
        same("tasks", &snapshot.tasks.iter().collect::<Vec<_>>(), &open);
        let all: Vec<&Conversation> = self.replica.conversations().into_iter().map(AsRef::as_ref).collect();
        let shown: Vec<&Conversation> = snapshot.conversations.items.iter().collect();
        same("conversations", &shown, &all[..shown.len()]);
        assert!(snapshot.conversations.next_cursor.is_some() || shown.len() == all.len(), "a conversation is missing");
        // Only which replies run: their streamed text is not part of the log.
        let running = self.replica.running().map(|message| message.id).collect::<BTreeSet<_>>();
        let shown = snapshot.active_messages.iter().map(|message| message.id).collect::<BTreeSet<_>>();
        assert_eq!(shown, running, "running replies");
        assert_eq!(Some(&snapshot.user), self.replica.user().map(AsRef::as_ref));
    }

    /// Asserts that all lists of REST have the state of the log.
    pub(crate) async fn check_rest(&self, snapshot: Snapshot) {
        let mut shown = Replica::new();
        shown.load_snapshot(snapshot);
        for page in read_everything(&self.user).await {
            page.load(&mut shown);
        }
        if shown.seq() == self.replica.seq() {
            self.check_device("REST", &shown.digest());
        }
    }

    pub(crate) fn seq(&self) -> i64 {
        self.replica.seq()
    }
}

#[track_caller]
fn same<T: PartialEq + std::fmt::Debug>(what: &str, rest: &[T], log: &[T]) {
    let differs = |(one, other): &(&T, &T)| one != other;
    let first = rest.iter().zip(log).find(differs);
    assert!(
        first.is_none() && rest.len() == log.len(),
        "{what}: REST shows {}, the log {}; {first:?}",
        rest.len(),
        log.len()
    );
}

/// A part of the account that a snapshot does not contain.
#[derive(Debug)]
pub(crate) enum Page {
    Conversations(Vec<Conversation>),
    Tasks(Vec<Task>),
    Messages(Vec<Message>),
}

impl Page {
    fn load(self, replica: &mut Replica) {
        match self {
            Self::Conversations(page) => replica.load_conversations(page),
            Self::Tasks(page) => replica.load_tasks(page),
            Self::Messages(page) => replica.load_messages(page),
        }
    }
}

/// All conversations with their messages, and all tasks.
pub(crate) async fn read_everything(user: &TestUser) -> Vec<Page> {
    let tasks = user.tasks("status=all").await;
    let conversations: Vec<Conversation> = user.all_pages("/conversations", "").await;
    let mut pages = vec![Page::Tasks(tasks)];
    for Conversation { id, .. } in &conversations {
        pages.push(Page::Messages(user.history(*id).await));
    }
    pages.push(Page::Conversations(conversations));
    pages
}

/// Loads everything into a device that has started from a snapshot.
pub(crate) async fn fill(device: &Device) {
    for page in read_everything(device.user()).await {
        device.look(|seen| page.load(&mut seen.replica));
    }
}
