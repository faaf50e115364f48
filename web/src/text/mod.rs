//! Every text that people read on the page, in one language.
//!
//! Fixed texts are constants; a text with values in it is a function, so that each language orders words and counts things in
//! its own way. A text that serves two screens stands twice: languages differ in what is the same word.
//!
//! To add a language, put a folder beside `en` with the same modules and names, and choose it here. What people type for the
//! assistant, and names of days, are in `tandem_nl`; sentences about errors of requests come from the server.
//!
//! No other file of the client contains a text that is shown; `server/tests/architecture.rs` checks it.

mod en;

pub(crate) use en::*;
