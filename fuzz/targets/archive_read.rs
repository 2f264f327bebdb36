//! `archive_read` under libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sockerless_fuzz::archive_read(data));
