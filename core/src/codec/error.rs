//! What is wrong with a value or its bytes. Never says what the value is.

use std::fmt;

use super::Codec;

/// A value that cannot be stored, or bytes that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{type_name} with the codec {codec}: {problem}")]
pub(crate) struct CodecError {
    pub(crate) codec: Codec,
    pub(crate) type_name: &'static str,
    pub(crate) problem: Problem,
}

impl CodecError {
    pub(super) fn new<T>(codec: Codec, problem: Problem) -> Self {
        Self { codec, type_name: std::any::type_name::<T>(), problem }
    }
}

/// What is wrong. Paths and names are those of the type, never a key or a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    /// The type's `Serialize` or the codec refused it.
    #[error("it cannot be encoded; msgpack takes every type that serde knows")]
    Unencodable,
    /// This one value would come back as another.
    #[error("{hazard} at `{at}`")]
    Hazard { hazard: Hazard, at: String },
    /// Decoded on trial, it was another value.
    #[error(
        "it does not come back as it was at `{at}`: what is serialized and what is deserialized \
         differ"
    )]
    Changed { at: String },
    /// The type asks the codec what comes next, and this codec cannot say.
    #[error("it needs a codec that describes itself; use msgpack")]
    NotSelfDescribing,
    /// The bytes are not of this codec, or end too early.
    #[error("the bytes are not what this codec writes for it")]
    Malformed,
    /// There are bytes after the value.
    #[error("there are bytes after the value")]
    Trailing,
    /// Nested deeper than a decoder follows.
    #[error("it is nested deeper than {} levels", super::guard::MAX_DEPTH)]
    TooDeep,
    /// More elements are declared than the bytes could hold.
    #[error("more elements are declared than the bytes can hold")]
    TooMany,
    /// The bytes are a value of another shape.
    #[error("{0}")]
    Unfit(String),
}

/// What a codec would silently turn into something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hazard {
    /// `Some(None)` and `Some(())` are written as `None` is.
    NestedNone,
    /// NaN and infinities have no number in JSON.
    NotANumber,
    /// A field left out by `skip_serializing_if` shifts all that follow it.
    SkippedField,
    /// The decoder would not follow.
    TooDeep,
}

impl fmt::Display for Hazard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NestedNone => "`Some` of nothing would come back as `None`",
            Self::NotANumber => "a number that is not finite would come back as null",
            Self::SkippedField => "a skipped field would shift those after it; use msgpack",
            Self::TooDeep => "nested too deep to be decoded",
        })
    }
}
