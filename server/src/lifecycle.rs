//! Start, drain, stop: one tracker for everything that is spawned.
