//! Row sets of PostgreSQL that somebody made up.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dogpile_replay_fuzz::replayed::<sqlx::Postgres>(1, bytes));
