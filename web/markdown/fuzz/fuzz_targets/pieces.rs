//! See [`tandem_markdown_fuzz::pieces`].

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| tandem_markdown_fuzz::pieces(text));
