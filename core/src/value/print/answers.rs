//! The invented data: for each kind of leaf a few values, of which types accept at least one.

/// For strings: whatever types that are strings in a human-readable form are parsed from. Add at the
/// end: the number of the one accepted is part of a print.
pub(super) const TEXTS: &[&str] = &[
    "",
    "2000-01-01T00:00:00Z",
    "2000-01-01",
    "00:00:00",
    "2000-01-01T00:00:00",
    "00000000-0000-0000-0000-000000000001",
    "0",
    "1",
    "127.0.0.1",
    "::1",
    "127.0.0.1:1",
    "[::1]:1",
    "10.0.0.0/8",
    "http://example.com/",
    "a@example.com",
    "1.0.0",
    "1s",
    "UTC",
    "P1D",
    "#000000",
    "a",
    "A",
    "en",
    "00",
    "000000000000000000000000",
    "00:00:00:00:00:00",
    "true",
    "Monday",
    "January",
    "2000-01-01 00:00:00.0 +00:00:00",
    "2000-01-01 00:00:00.0",
    "00:00:00.0",
];

/// For byte strings: identifiers of the usual lengths.
pub(super) const BYTES: &[&[u8]] = &[&[0; 16], &[], &[0; 4], &[0; 8], &[0; 12], &[0; 32], b"a"];

pub(super) const BOOLEANS: &[bool] = &[false, true];
pub(super) const CHARACTERS: &[char] = &['a', '0', ' '];
pub(super) const FLOATS: &[f32] = &[1.0, 0.0, 0.5];
/// A one first: zero is what `NonZero`, days and months refuse.
pub(super) const INTEGERS: &[u8] = &[1, 0, 2, 10, 100];
