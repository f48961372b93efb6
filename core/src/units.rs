//! Durations and sizes that read like the sentence they stand in.

use std::time::Duration;

/// A duration of whole milliseconds.
pub const fn millis(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// A duration of whole seconds.
pub const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// A duration of whole minutes; the longest `Duration` where that would overflow.
pub const fn minutes(n: u64) -> Duration {
    Duration::from_secs(n.saturating_mul(60))
}

/// A duration of whole hours; the longest `Duration` where that would overflow.
///
/// ```
/// assert_eq!(dogpile::hours(2), dogpile::minutes(120));
/// ```
pub const fn hours(n: u64) -> Duration {
    Duration::from_secs(n.saturating_mul(3600))
}

/// A size in bytes, from kibibytes.
pub const fn kilobytes(n: u64) -> u64 {
    n.saturating_mul(1024)
}

/// A size in bytes, from mebibytes.
///
/// ```
/// assert_eq!(dogpile::megabytes(64), 64 * 1024 * 1024);
/// ```
pub const fn megabytes(n: u64) -> u64 {
    n.saturating_mul(1024 * 1024)
}
