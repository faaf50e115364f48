//! Something to do, said without a word to the assistant: "buy bread and butter", "I need to pay bills".

use crate::dates::{Scene, find};
use crate::grammar::{Clause, is_task_verb};
use crate::quick_add::take_apart;
use crate::reference::Mind;
use crate::{Action, NewTask, QuickAdd};

use super::Outcome;

/// Verbs that ask this or another program for something far more often than they begin a thing to do.
const FOR_THE_MACHINE: &[&str] = &[
    "tell",
    "find",
    "look",
    "read",
    "open",
    "play",
    "get",
    "give",
    "see",
    "check",
    "ask",
    "put",
    "start",
    "stop",
    "turn",
    "set",
    "create",
    "make",
    "create",
    "delete",
    "help",
    "test",
    "try",
    "change",
    "cancel",
    "do",
    "need",
    "go",
    "add",
    "take",
    "move",
    "download",
    "install",
    "translate",
    "record",
    "measure",
    "insert",
    "complete",
    "clear",
    "drop",
    "find",
    "answer",
    "back",
];
/// Verbs of errands, plain enough to be a task by themselves.
const ERRANDS: &[&str] = &[
    "buy", "pay", "call", "email", "phone", "feed", "mow", "vacuum", "walk", "water", "wash", "clean", "return",
    "renew", "collect", "fetch", "submit", "mail", "iron",
];

/// Longest sentence that is taken for a task, in words.
const MOST_WORDS: usize = 12;

/// Reads a bare task. Without a date, and for anything but an errand, it is proposed and not added.
pub(super) fn read(clause: &Clause<'_>, mind: &Mind<'_>) -> Option<Outcome> {
    let verb = clause.word(0);
    let words = clause.tokens().len();
    let begins = is_task_verb(verb) || (verb == "pick" && clause.word(1) == "up");
    if clause.asked || !begins || !(2..=MOST_WORDS).contains(&words) {
        return None;
    }
    let found = take_apart(clause.text, clause.from, clause.to, mind.context.now);
    let marked = !found.labels.is_empty() || found.list.is_some();
    let task = task(found);
    if task.title.is_empty() {
        return None;
    }
    let dated = !find(&Scene { tokens: clause.tokens(), now: mind.context.now.datetime() }).1.is_empty();
    let for_machine = FOR_THE_MACHINE.contains(&verb);
    let certain =
        marked || (dated && (clause.wish || !for_machine)) || (!clause.wish && ERRANDS.contains(&verb) && words <= 5);
    if certain {
        return Some(Outcome::Act(vec![Action::Add(task)]));
    }
    (clause.wish || !for_machine).then(|| Outcome::Propose(Box::new(task)))
}

fn task(found: QuickAdd) -> NewTask {
    NewTask {
        title: found.title,
        due: found.due,
        recurrence: found.recurrence,
        priority: found.priority,
        labels: found.labels,
        list: found.list,
    }
}
