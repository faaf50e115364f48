//! The harness and the black-box tests of Tandem.

pub mod database;
pub mod postgres;
pub mod raw;
