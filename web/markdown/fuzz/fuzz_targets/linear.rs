//! See [`tandem_markdown_fuzz::linear`].

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| tandem_markdown_fuzz::linear(text));
