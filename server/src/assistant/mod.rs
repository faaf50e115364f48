//! Writes replies: takes up runs, streams from a provider, calls tools, persists every step.

pub mod tools;
