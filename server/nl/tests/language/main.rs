//! What is understood of words: phrases, lines, messages.

mod adding;
mod approving;
mod asking;
mod changing;
mod clearing;
mod conversation;
mod corpus;
mod dates;
mod limits;
mod occurrences;
mod quick_add;
mod recurrence;
mod reminders;
mod showing;
mod support;
