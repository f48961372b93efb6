//! Mangling of keys: injective, within the limits of backends, and never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/key/typed.rs"]
mod typed;

fuzz_target!(|bytes: &[u8]| typed::check(&typed::keys(bytes)));
