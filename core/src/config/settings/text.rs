//! Texts with a limit.

use super::Written;

/// What stands before every name in a backend.
pub(in crate::config) enum PrefixText {}

impl Written for PrefixText {
    type Value = String;
    const EXPECTED: &'static str =
        "a prefix of up to 64 visible ASCII characters without spaces, such as \"v2:\"";

    fn from_text(text: &str) -> Option<String> {
        // The strictest backend takes no other names, and the prefix may meet any backend.
        let fits = text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| text.to_owned())
    }
}
