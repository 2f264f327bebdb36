//! `registry_auth` under libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sockerless_fuzz::registry_auth(data));
