//! The Tandem server: accounts, chat, tasks, streaming and synchronisation.
