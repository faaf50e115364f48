//! The rules, pure: no async, no I/O, no wire frames.
//!
//! A rule that needs a clock or an id gets it as an argument, so that a test can name any moment. The objects (`Task`,
//! `Message`, …) are those of `tandem_protocol::model`: plain data without behaviour. A second set of equal structs
//! would only be converted.
//!
//! **Invariant:** what these functions return is valid; what is not is refused with [`Invalid`], at the transport.

pub mod change;
pub mod clock;
pub mod due;
pub mod ical;
pub mod original;
pub mod page;
pub mod position;
pub mod push;
pub mod reminder;
pub mod search;
pub mod search_filter;
pub mod series;
pub mod task;
#[cfg(test)]
mod testing;
pub mod text;
pub mod zone;

use tandem_protocol::error::FieldError;

/// A value that breaks a rule, with the field that it stood in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct Invalid {
    /// Name of the field as the client wrote it.
    pub field: &'static str,
    /// What is wrong and what is expected, as a sentence for people.
    pub message: String,
}

impl Invalid {
    /// A refusal of `field`.
    pub fn new(field: &'static str, message: impl Into<String>) -> Self {
        Self { field, message: message.into() }
    }
}

impl From<Invalid> for FieldError {
    fn from(invalid: Invalid) -> Self {
        Self { field: invalid.field.to_owned(), message: invalid.message }
    }
}
