//! The harness and the black-box tests of Tandem.

pub mod database;
