//! Bodies of REST requests and answers.
//!
//! The arguments of changes that the socket offers too are in [`crate::live::command`]; the body of such a request is the
//! same struct without what is in the path. Requests refuse unknown fields; answers ignore them.

pub mod accounts;
pub mod admin;
pub mod chat;
pub mod feeds;
pub mod page;
pub mod server;
pub mod sync;
pub mod tasks;

pub use accounts::*;
pub use admin::*;
pub use chat::*;
pub use feeds::*;
pub use page::*;
pub use server::*;
pub use sync::*;
pub use tasks::*;
