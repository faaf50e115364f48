//! What the pieces of a token, of a change and of a message cost, one by one.
//!
//! A load test shows that something has become slower, and not what. `cargo xtask bench` runs these and prints a table;
//! with `--baseline` beside an earlier one. They are measured, and no test depends on them: a machine that does something
//! else would make it fail.

#![expect(clippy::unwrap_used, reason = "a measurement stops where something is not as it should be")]

mod client;
mod fan_out;
mod rules;
mod store;
mod texts;

criterion::criterion_group!(costs, fan_out::measure, client::measure, rules::measure, store::measure);
criterion::criterion_main!(costs);
