//! See [`tandem_completions_fuzz::answer`].

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tandem_completions_fuzz::answer(bytes));
