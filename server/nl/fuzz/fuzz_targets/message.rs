//! See [`tandem_nl_fuzz::message`].

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| tandem_nl_fuzz::message(text));
