//! `changes` under libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sockerless_fuzz::changes(data));
