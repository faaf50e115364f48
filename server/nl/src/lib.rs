//! The language of the built-in assistant: intents, dates, recurrence, without I/O.
//!
//! Three doors lead in. [`parse_due`] and [`parse_recurrence`] read one phrase ("every other Tuesday"), for the tools
//! that take dates as text; [`quick_add()`] reads a line of the task panel; [`read`](fn@read) reads a whole chat message
//! against what is known of the user's tasks and says what to do about it.
//!
//! Nothing here reads a clock or a time zone database: the caller passes the present as a [`jiff::Zoned`].

mod action;
mod dates;
mod describe;
mod grammar;
mod period_filter;
mod quick_add;
mod read;
mod recurrence;
mod reference;
mod text;
mod title;
mod when;

pub use action::{Action, Context, DueRange, Filter, Reading, Response};
pub use describe::{describe_due, describe_rule};
pub use quick_add::quick_add;
pub use read::read;
pub use when::{parse_due, parse_recurrence};
