//! What is wrong with a setting, in words for the person who wrote it.

use std::fmt::{self, Display, Write as _};

use serde::de::{Error, Expected, Unexpected};

use super::suggest::nearest;

/// What is wrong with the setting that is being read; its path is known further out.
#[derive(Debug)]
pub(super) struct Problem(String);

impl Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Problem {}

impl Error for Problem {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string())
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self(format!("{} is not {expected}", Shown(unexpected)))
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(unexpected, expected)
    }

    fn unknown_field(field: &str, settings: &'static [&'static str]) -> Self {
        let mut text = String::from("unknown setting");
        if let Some(nearest) = nearest(field, settings) {
            // Writing to a `String` cannot fail.
            let _ = write!(text, ", did you mean `{nearest}`?");
        } else {
            text.push('.');
        }
        Self(format!("{text} The settings here are {}", settings.join(", ")))
    }
}

/// What was found in place of what was expected.
struct Shown<'a>(Unexpected<'a>);

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Unexpected::Bool(value) => write!(f, "{value}"),
            Unexpected::Unsigned(value) => write!(f, "{value}"),
            Unexpected::Signed(value) => write!(f, "{value}"),
            Unexpected::Float(value) => write!(f, "{value:?}"),
            Unexpected::Str(text) => Quoted(text).fmt(f),
            Unexpected::Seq => f.write_str("a list"),
            Unexpected::Map => f.write_str("a table"),
            Unexpected::Unit => f.write_str("null"),
            ref other => other.fmt(f),
        }
    }
}

/// A text from outside as it may be shown: short, on one line, and never what may be a URL with a
/// password that stands in the wrong place.
pub(super) struct Quoted<'a>(pub(super) &'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.contains(['@', '/']) {
            return f.write_str("what looks like a URL (not shown)");
        }
        match self.0.char_indices().nth(60) {
            Some((cut, _)) => write!(f, "{:?} (cut short)", &self.0[..cut]),
            None => write!(f, "{:?}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Quoted;

    #[test]
    fn what_may_be_a_url_is_never_quoted() {
        for text in ["redis://app:secret@cache", "app:secret@cache", "secret@cache", "redis:/x"] {
            assert_eq!(Quoted(text).to_string(), "what looks like a URL (not shown)");
        }
        assert_eq!(Quoted("pusch").to_string(), "\"pusch\"");
        assert_eq!(Quoted("two\nlines").to_string(), "\"two\\nlines\"");
        let long = Quoted(&"ä".repeat(1_000)).to_string();
        assert_eq!(long, format!("\"{}\" (cut short)", "ä".repeat(60)));
    }
}
