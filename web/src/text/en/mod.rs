//! The English texts, by screen.

pub(crate) mod account;
pub(crate) mod chat;
pub(crate) mod notices;
pub(crate) mod people;
pub(crate) mod settings;
pub(crate) mod tasks;
pub(crate) mod tools;
pub(crate) mod words;
pub(crate) mod workspace;
