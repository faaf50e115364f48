//! See [`tandem_protocol_fuzz::server_frames`].

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| tandem_protocol_fuzz::server_frames(text));
