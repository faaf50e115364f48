//! Chooses the object of an operation, among those that the device knows.

use crate::plan::Op;
use rand::{RngExt as _, rngs::StdRng};
use serde_json::json;
use std::time::Duration;
use tandem_protocol::{
    ConversationId, MessageId, TaskId,
    enums::{Role, TaskStatus},
    live::{
        Command,
        command::{
            ConversationCreate, ConversationRead, ConversationRefArgs, ConversationUpdate, MessageRefArgs, MessageSend,
            TaskRefArgs, TaskUpdate,
        },
    },
    replica::Replica,
    rest::{NewTask, TaskPatch, UndoBody},
};
use tandem_tests::{Device, Reply, ScriptedProvider, fresh};

/// Maximum number of conversations of a user; further messages use these.
const CONVERSATIONS: usize = 5;
/// Maximum number of tasks of a user.
const TASKS: usize = 30;

/// Chooses the next command of a device.
pub(crate) struct CommandChooser<'a> {
    pub(crate) device: &'a Device,
    pub(crate) provider: &'a ScriptedProvider,
}

pub(crate) struct ChosenCommand {
    pub(crate) command: Command,
    /// The word of its script when the reply does not end by itself and has to be stopped.
    pub(crate) hangs: Option<String>,
}

impl From<Command> for ChosenCommand {
    fn from(command: Command) -> Self {
        Self { command, hangs: None }
    }
}

impl CommandChooser<'_> {
    /// The command for an operation; `None` when there is no suitable object.
    pub(crate) fn command(&self, op: Op, rng: &mut StdRng) -> Option<ChosenCommand> {
        let known = self.device.look(|seen| Known::of(&seen.replica));
        Some(match op {
            Op::SendMessage => self.send_message(&known, rng),
            Op::SendAndStop => self.send_and_stop(&known, rng),
            Op::Stop => Command::MessageCancel(MessageRefArgs { message_id: pick(&known.running, rng)? }).into(),
            Op::Retry => Command::MessageRetry(MessageRefArgs { message_id: pick(&known.ended, rng)? }).into(),
            Op::AddTask if known.tasks.len() < TASKS => {
                let (id, title) = (Some(TaskId(fresh::id())), fresh::word("task "));
                Command::TaskCreate(NewTask { id, title, ..NewTask::default() }).into()
            }
            Op::ChangeTask => {
                let patch = TaskPatch { title: Some(fresh::word("changed ")), ..TaskPatch::default() };
                let task_id = pick(&known.tasks, rng)?.into();
                Command::TaskUpdate(TaskUpdate { task_id, patch }).into()
            }
            Op::CompleteTask => Command::TaskComplete(pick(&known.tasks, rng)?.into()).into(),
            Op::ReopenTask => Command::TaskReopen(TaskRefArgs::from(pick(&known.done, rng)?)).into(),
            Op::AddTask | Op::DeleteTask => Command::TaskDelete(TaskRefArgs::from(pick(&known.tasks, rng)?)).into(),
            Op::Undo => Command::Undo(UndoBody::default()).into(),
            Op::StartConversation if known.conversations.len() < CONVERSATIONS => {
                let title = rng.random_ratio(1, 2).then(|| fresh::word("talk "));
                Command::ConversationCreate(ConversationCreate { id: Some(ConversationId(fresh::id())), title }).into()
            }
            Op::RenameConversation => {
                let conversation_id = pick(&known.conversations, rng)?;
                Command::ConversationUpdate(ConversationUpdate {
                    title: Some(fresh::word("named ")),
                    ..ConversationUpdate::of(conversation_id)
                })
                .into()
            }
            Op::StartConversation | Op::DeleteConversation => {
                let conversation_id = pick(&known.conversations, rng)?;
                Command::ConversationDelete(ConversationRefArgs { conversation_id }).into()
            }
            Op::Read => {
                let (conversation_id, message_id) = pick(&known.messages, rng)?;
                Command::ConversationRead(ConversationRead { conversation_id, message_id }).into()
            }
            Op::Repeat | Op::Disconnect | Op::Reload => return None,
        })
    }

    fn send_message(&self, known: &Known, rng: &mut StdRng) -> ChosenCommand {
        let word = fresh::word("say");
        if rng.random_ratio(1, 12) {
            let words = Reply::words(rng.random_range(1..40), Duration::from_millis(2));
            self.provider.answer(&word, [words.clone().cut(), words]);
        } else {
            self.provider.answer_by_progress(&word, script(rng));
        }
        send(known, &word, rng).into()
    }

    /// A message whose reply does not end by itself.
    fn send_and_stop(&self, known: &Known, rng: &mut StdRng) -> ChosenCommand {
        let word = fresh::word("stop");
        let (thoughts, words) = (rng.random_range(0..30), rng.random_range(0..30));
        let pace = Duration::from_millis(2);
        self.provider
            .answer(&word, [Reply::default().and_thoughts(0, thoughts, pace).and_words(0, words, pace).hang()]);
        ChosenCommand { command: send(known, &word, rng), hangs: Some(word) }
    }
}

/// The objects that a device knows.
struct Known {
    conversations: Vec<ConversationId>,
    messages: Vec<(ConversationId, MessageId)>,
    running: Vec<MessageId>,
    ended: Vec<MessageId>,
    tasks: Vec<TaskId>,
    done: Vec<TaskId>,
}

impl Known {
    fn of(replica: &Replica) -> Self {
        let conversations: Vec<_> = replica.conversations().into_iter().map(|it| it.id).collect();
        let messages = conversations.iter().flat_map(|id| replica.messages(*id)).collect::<Vec<_>>();
        let replies = || messages.iter().filter(|message| message.role == Role::Assistant);
        Self {
            running: replies().filter(|message| !message.state.is_final()).map(|message| message.id).collect(),
            ended: replies().filter(|message| message.state.is_final()).map(|message| message.id).collect(),
            messages: messages.iter().map(|message| (message.conversation_id, message.id)).collect(),
            tasks: replica.tasks().into_iter().map(|task| task.id).collect(),
            done: replica.tasks().into_iter().filter(|task| task.status == TaskStatus::Done).map(|it| it.id).collect(),
            conversations,
        }
    }
}

fn send(known: &Known, word: &str, rng: &mut StdRng) -> Command {
    let new = known.conversations.len() < CONVERSATIONS && rng.random_ratio(1, 3);
    let conversation_id = pick(&known.conversations, rng).filter(|_| !new);
    let conversation_id = conversation_id.unwrap_or_else(|| ConversationId(fresh::id()));
    let id = Some(MessageId(fresh::id()));
    Command::MessageSend(MessageSend { conversation_id, id, text: format!("please {word}"), parent_id: None })
}

fn pick<T: Copy>(all: &[T], rng: &mut StdRng) -> Option<T> {
    (!all.is_empty()).then(|| all[rng.random_range(0..all.len())])
}

/// A random script of the model.
fn script(rng: &mut StdRng) -> Vec<Reply> {
    let pace = Duration::from_millis(rng.random_range(1..6));
    // Every other step begins with thoughts.
    let words = |rng: &mut StdRng| {
        let thoughts = if rng.random_ratio(1, 2) { rng.random_range(1..30) } else { 0 };
        Reply::default().and_thoughts(0, thoughts, pace).and_words(0, rng.random_range(1..60), pace)
    };
    let add = || ("add_task", json!({ "title": fresh::word("by the model ") }));
    match rng.random_range(0..10) {
        0..4 => vec![words(rng)],
        4 => vec![Reply::words(150, Duration::from_millis(2))],
        5 => vec![Reply::calls([add()]), words(rng)],
        6..8 => vec![words(rng).then(Reply::calls([add()])), words(rng)],
        8 => vec![Reply::calls([add()]), words(rng).then(Reply::calls([add()])), words(rng)],
        _ => vec![words(rng).then(Reply::calls([add(), add()])), words(rng)],
    }
}
