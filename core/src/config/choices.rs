//! Settings that are one of a few words.

use std::fmt;

use super::settings::{Wait, Written};
use crate::coherence::Coherence;
use crate::policy::Freshness;

impl Written for Coherence {
    type Value = Self;
    const EXPECTED: &'static str = "one of strict, bounded(duration), push";

    fn from_text(text: &str) -> Option<Self> {
        let bound = text.strip_prefix("bounded(").and_then(|text| text.strip_suffix(')'));
        match (text, bound) {
            ("strict", _) => Some(Self::Strict),
            ("push", _) => Some(Self::Push),
            (_, Some(bound)) => Wait::from_text(bound).map(Self::Bounded),
            _ => None,
        }
    }
}

impl fmt::Display for Coherence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Strict => f.write_str("strict"),
            Self::Bounded(bound) => write!(f, "bounded({})", humantime::format_duration(*bound)),
            Self::Push => f.write_str("push"),
        }
    }
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident: $expected:literal
        { $($(#[$word_doc:meta])* $variant:ident = $word:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $name { $($(#[$word_doc])* $variant,)* }

        impl Written for $name {
            type Value = Self;
            const EXPECTED: &'static str = $expected;

            fn from_text(text: &str) -> Option<Self> {
                match text {
                    $($word => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$variant => $word,)* })
            }
        }
    )*};
}

words! {
    /// How values become bytes.
    CodecName: "one of msgpack, bincode, json" {
        /// `msgpack`: MessagePack with names.
        Msgpack = "msgpack",
        /// `bincode`: compact.
        Bincode = "bincode",
        /// `json`: for eyes.
        Json = "json",
    }
}

impl Written for Freshness {
    type Value = Self;
    const EXPECTED: &'static str = "one of ttl, after_commit, fenced, durable, transactional";

    fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|freshness| freshness.name() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::{CodecName, Coherence};
    use crate::Freshness;
    use crate::config::settings::Written;
    use crate::secs;

    #[test]
    fn a_choice_is_read_as_it_is_shown() {
        for coherence in [Coherence::Strict, Coherence::Bounded(secs(90)), Coherence::Push] {
            assert_eq!(Coherence::from_text(&coherence.to_string()), Some(coherence));
        }
        for codec in [CodecName::Msgpack, CodecName::Bincode, CodecName::Json] {
            assert_eq!(CodecName::from_text(&codec.to_string()), Some(codec));
        }
        for freshness in Freshness::ALL {
            assert_eq!(Freshness::from_text(freshness.name()), Some(freshness));
        }
    }

    #[test]
    fn a_bound_without_a_duration_is_no_choice() {
        for text in ["bounded", "bounded()", "bounded(2)", "bounded(soon)", "bounded(2s", "STRICT"]
        {
            assert_eq!(Coherence::from_text(text), None, "{text}");
        }
    }
}
