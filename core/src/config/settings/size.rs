//! Sizes in bytes.

use bytesize::ByteSize;

use super::Written;

/// How many bytes.
pub(in crate::config) enum Size {}

impl Written for Size {
    type Value = u64;
    const EXPECTED: &'static str = "a size such as \"64 MiB\"";

    fn from_text(text: &str) -> Option<u64> {
        // What does not fit becomes the largest size there is, which nobody means.
        text.parse().ok().map(|ByteSize(bytes)| bytes).filter(|bytes| *bytes < u64::MAX)
    }

    fn from_whole(bytes: u64) -> Option<u64> {
        Some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::{Size, Written};
    use crate::megabytes;

    #[test]
    fn sizes_have_binary_and_decimal_units() {
        assert_eq!(Size::from_text("64 MiB"), Some(megabytes(64)));
        assert_eq!(Size::from_text("64MB"), Some(64_000_000));
        assert_eq!(Size::from_text("0.5KiB"), Some(512));
        assert_eq!(Size::from_text("1024"), Some(1024));
        assert_eq!(Size::from_text("99999 EiB"), None);
        assert_eq!(Size::from_text("-1"), None);
        assert_eq!(Size::from_text(""), None);
    }
}
