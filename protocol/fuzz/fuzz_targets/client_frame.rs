//! See [`tandem_protocol_fuzz::client_frame`].

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| tandem_protocol_fuzz::client_frame(text));
