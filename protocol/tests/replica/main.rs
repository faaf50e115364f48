//! The replica against the rules of the contract: rule by rule, and over random accounts and random networks.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod comparison;
mod convergence;
mod deltas;
mod device;
mod ordering;
mod pages;
mod samples;
mod source;
