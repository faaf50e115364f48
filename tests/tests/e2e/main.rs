//! The web client in a real Chromium: what a person sees and does, on two devices at once.
//!
//! Things are found as people and screen readers find them, by role and name. Pictures go to `tests/out/shots`; those
//! that the documents show are written to `docs/pictures` with `TANDEM_SHOTS=docs`.

mod support;

mod appearance;
mod names;
mod restart;
mod session;
mod settings;
mod streaming;
mod tasks;
mod together;
mod versions;
