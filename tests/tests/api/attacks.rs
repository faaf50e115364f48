//! Attacks that no other file is about. `docs/security.md` lists all of them, each with its tests.

mod credentials;
mod fields;
mod forged_tokens;
mod frames;
mod guesses;
mod logs;
mod metacharacters;
mod models;
