//! Conversations and messages. Writing the replies is the assistant's; it works on them through [`super::runs`].

mod conversations;
mod messages;

pub(crate) use conversations::activity_key;
pub use conversations::{create, delete, mark_read, retitle, update};
pub(crate) use messages::decide;
pub use messages::{approve, cancel, end_all, mark_undone, retry, send};

use super::{Result, ServiceError, UnitOfWork};
