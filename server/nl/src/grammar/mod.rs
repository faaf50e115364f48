//! The grammar: sentence patterns in a small notation, word classes, and the clauses of a message.
//!
//! Patterns are data, one line each, so that a phrasing is added without code and its neighbours can be read
//! beside it. No pattern knows about dates or tasks: what it captures is read by others.

mod clause;
mod lists;
mod pattern;
mod verbs;

pub(crate) use clause::{Clause, explicit, split};
pub(crate) use lists::{ListName, list_phrase};
pub(crate) use pattern::{Captured, Table, patterns};
pub(crate) use verbs::{is_command, is_task_noun, is_task_verb};
