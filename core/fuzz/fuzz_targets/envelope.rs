//! Bytes that a backend may hand out: no panic, no value that is not what was written.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    dogpile::fuzzing::envelope(bytes);
    dogpile::fuzzing::payload(bytes);
});
