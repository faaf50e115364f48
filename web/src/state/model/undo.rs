//! Taking back what was done on this device, in the order in which it was done.
//!
//! A change of the person is one command or several, and is taken back as one. A command that the server does not have
//! yet only leaves the outbox; of the others the server takes the tokens together.

use super::{Effect, Model};
use crate::state::outbox::Delivery;
use litemap::LiteMap;
use tandem_protocol::{CommandId, live::Command, rest::UndoBody};

/// The most changes that can be taken back one after the other.
const MAX_CHANGES: usize = 50;

#[derive(Debug)]
pub(super) struct Undos {
    /// The changes of this page, oldest first, each with its commands.
    changes: Vec<Vec<CommandId>>,
    /// The tokens of acknowledged commands.
    tokens: LiteMap<CommandId, String>,
    /// Commands that are taken back as soon as they are acknowledged.
    wanted: Vec<CommandId>,
}

impl Undos {
    pub(super) fn new() -> Self {
        Self { changes: Vec::new(), tokens: LiteMap::new(), wanted: Vec::new() }
    }
}

impl Model {
    /// Records a change of the person, so that it can be taken back.
    pub(crate) fn record_change(&mut self, commands: Vec<CommandId>) {
        let changes = &mut self.undos.changes;
        changes.push(commands);
        if changes.len() > MAX_CHANGES {
            for forgotten in changes.remove(0) {
                self.undos.tokens.remove(&forgotten);
            }
        }
    }

    /// The commands of the last change of this page that was not taken back.
    pub(crate) fn last_change(&self) -> Option<Vec<CommandId>> {
        self.undos.changes.last().cloned()
    }

    /// Takes commands back, which together are one change.
    pub(crate) fn undo_change(&mut self, commands: &[CommandId]) -> Vec<Effect> {
        self.undos.changes.retain(|change| change != commands);
        let (mut effects, mut tokens) = (Vec::new(), Vec::new());
        for id in commands {
            match self.outbox.get(*id).map(|entry| &entry.delivery) {
                // The server may have it: a connection that ended before the answer. Then it is sent again, and taken
                // back after its answer.
                Some(Delivery::Sent) => self.undos.wanted.push(*id),
                Some(Delivery::Waiting { .. } | Delivery::Failed { .. }) => {
                    if let Some(entry) = self.outbox.remove(*id) {
                        self.mark_command(&entry.command);
                    }
                    effects.push(Effect::Forget(*id));
                }
                Some(Delivery::Done { .. }) | None => tokens.extend(self.undos.tokens.remove(id)),
            }
        }
        effects.extend(undo(tokens).map(Effect::Submit));
        effects
    }

    /// Keeps the token of an acknowledged command, or uses it at once when that is wanted.
    pub(super) fn keep_token(&mut self, id: CommandId, token: String) -> Option<Effect> {
        let is_wanted = self.undos.wanted.contains(&id);
        self.undos.wanted.retain(|wanted| *wanted != id);
        if is_wanted {
            return undo(vec![token]).map(Effect::Submit);
        }
        self.undos.tokens.insert(id, token);
        None
    }
}

fn undo(mut tokens: Vec<String>) -> Option<Command> {
    let undo_token = if tokens.len() == 1 { tokens.pop() } else { None };
    let undo_tokens = (!tokens.is_empty()).then_some(tokens);
    (undo_token.is_some() || undo_tokens.is_some()).then_some(Command::Undo(UndoBody { undo_token, undo_tokens }))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{TASK, command_id, complete, connect, device, frame};
    use super::*;
    use crate::testing::at;
    use serde_json::json;

    fn acknowledge(model: &mut Model, number: u128) -> Vec<Effect> {
        let result = json!({ "undo_token": format!("back-{number}") });
        model.frame(&frame(&json!({ "type": "ack", "id": command_id(number), "seq": 8, "result": result })), at(2))
    }

    fn undone(effects: &[Effect]) -> Option<UndoBody> {
        effects.iter().find_map(|effect| match effect {
            Effect::Submit(Command::Undo(body)) => Some(body.clone()),
            _ => None,
        })
    }

    #[test]
    fn what_was_not_sent_only_leaves_the_outbox() {
        let mut model = device();
        model.submit(command_id(1), complete(), at(1));
        model.record_change(vec![command_id(1)]);
        let last = model.last_change().expect("a change");
        let effects = model.undo_change(&last);
        assert!(matches!(effects.as_slice(), [Effect::Forget(id)] if *id == command_id(1)), "{effects:?}");
        assert_eq!(model.outbox().entries().count(), 0);
        assert!(model.task_view().tasks.iter().any(|task| task.id.to_string() == TASK && task.completed_at.is_none()));
    }

    #[test]
    fn several_commands_are_taken_back_as_one() {
        let mut model = device();
        connect(&mut model);
        let ids = vec![command_id(1), command_id(2)];
        for (number, id) in [(1, ids[0]), (2, ids[1])] {
            model.submit(id, complete(), at(1));
            acknowledge(&mut model, number);
        }
        model.record_change(ids.clone());
        assert_eq!(model.last_change(), Some(ids.clone()));
        let body = undone(&model.undo_change(&ids)).expect("an undo");
        assert_eq!(body.undo_tokens, Some(vec!["back-1".to_owned(), "back-2".to_owned()]));
        assert_eq!(model.last_change(), None, "it is taken back once");
        assert!(undone(&model.undo_change(&ids)).is_none());
    }

    #[test]
    fn what_is_under_way_is_taken_back_when_the_server_has_it() {
        let mut model = device();
        connect(&mut model);
        model.submit(command_id(1), complete(), at(1));
        assert!(undone(&model.undo_change(&[command_id(1)])).is_none());
        let body = undone(&acknowledge(&mut model, 1)).expect("an undo");
        assert_eq!(body.undo_token.as_deref(), Some("back-1"));
    }
}
