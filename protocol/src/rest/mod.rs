//! Bodies of REST requests and answers. Requests refuse unknown fields, answers are read with tolerance.
//!
//! The arguments of everything that the socket can do too are in [`crate::live::command`]; a request body is then the
//! same struct without what the path already says.

pub mod accounts;
pub mod chat;
pub mod page;
pub mod sync;
pub mod tasks;

pub use accounts::*;
pub use chat::*;
pub use page::*;
pub use sync::*;
pub use tasks::*;
