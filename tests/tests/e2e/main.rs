//! The web client in a real Chromium, on two devices at once; its main path in Firefox, too.
//!
//! Elements are found as users and screen readers find them, by role and name. Screenshots are written to
//! `tests/out/shots`; with `TANDEM_SHOTS=docs` those in the documentation are written to `docs/pictures`.

mod support;

mod access;
mod appearance;
mod approvals;
mod axe;
mod entering;
mod everyone;
mod fields;
mod firefox;
mod focus;
mod keyboard;
mod log;
mod names;
mod network;
mod notifications;
mod offline;
mod reading;
mod reminders;
mod restart;
mod session;
mod settings;
mod states;
mod streaming;
mod task_detail;
mod task_keys;
mod task_lists;
mod tasks;
mod thoughts;
mod threads;
mod together;
mod touch;
mod tour;
mod versions;
mod words;
