//! The language of the built-in assistant: English sentences about tasks, dates and recurrence.
//!
//! There are four entry points. [`parse_due`] and [`parse_recurrence`] read one phrase ("every other Tuesday"), for the
//! tools that take dates as text; [`quick_add()`] reads a line of the task panel; [`read`](fn@read) reads a whole chat
//! message against the user's tasks and returns what to do; [`read_approval`] reads
//! the answer to a request for approval.
//!
//! The assistant has to work without a model, so this is a grammar. A message passes through stages, each pure and tested by
//! itself: one form of every character (`text`, where quoted text also goes out of reach), clauses and a table of sentence
//! patterns per kind of intent (`grammar`, `read`), the mood of each clause (`mood`), dates (`dates`, `recurrence`), and the
//! tasks that a phrase means (`reference`).
//!
//! It is wrong in one direction on purpose: it never does what was not said. A change needs a clause whose mood permits it
//! and of which every word is accounted for, and the types have it so (`understood`); anything else leads to a question
//! that names the words that were not understood. The example `score` measures it on public corpora.
//!
//! Nothing here performs I/O, reads a clock or needs a time zone database: the caller passes the current time. Every text
//! has a reading, no text panics, and the time to read one is bounded (`tests/language/limits.rs`).

mod action;
mod approval;
mod dates;
mod describe;
mod grammar;
mod mood;
mod period_filter;
mod phrase;
mod quick_add;
mod read;
mod recurrence;
mod reference;
mod reminder;
mod spoken;
mod text;
mod title;
mod understood;
mod work;

pub use action::{Action, Context, DueRange, Field, Filter, MORNING, Reading, Refusal, Response};
pub use approval::{PendingChange, PendingKind, read_approval};
pub use dates::DayOrder;
pub use describe::{describe_due, describe_rule, weekday_name};
pub use mood::Unreal;
pub use phrase::{contradicting_days, parse_due, parse_duration, parse_recurrence};
pub use quick_add::{QuickKind, QuickLine, QuickPart, quick_add, read_line};
pub use read::{ASKED_AGAIN, read};
pub use reminder::{ReminderWords, parse_reminders, read_reminders};
pub use understood::Actions;
