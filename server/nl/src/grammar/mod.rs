//! The grammar: sentence patterns in a small notation, word classes, and the places of a sentence they match.

mod clause;
mod lists;
mod pattern;
mod verbs;

pub(crate) use clause::{Clause, split};
pub(crate) use lists::{ListName, list_phrase};
pub(crate) use pattern::{Captured, Table};
pub(crate) use verbs::{is_command, is_task_noun, is_task_verb};
