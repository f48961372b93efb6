//! Codecs: how a value becomes bytes, and how bytes that may be anybody's become a value again.
//!
//! [`encode()`] refuses what a codec would silently change (`survey/`), [`decode()`] refuses what would
//! cost more than the bytes are worth (`guard/`), and [`Trials`] decodes the first value of every
//! type again to see whether it has survived.

mod decode;
mod encode;
mod error;
mod guard;
mod survey;
mod trial;
mod trials;
mod wire;

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, ErrorKind};

pub(crate) use decode::decode;
pub(crate) use encode::encode;
pub(crate) use error::{CodecError, Hazard, Problem};
pub(crate) use trials::Refused;
pub(crate) use trials::Trials;
pub(crate) use wire::Wire;

/// How values are written where they leave the process.
///
/// ```
/// use dogpile::Codec;
///
/// assert_eq!("msgpack".parse::<Codec>()?, Codec::default());
/// assert_eq!(
///     "pickle".parse::<Codec>().unwrap_err().to_string().split(" is not").next(),
///     Some("configuration: read codec: \"pickle\""),
/// );
/// # Ok::<(), dogpile::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Codec {
    /// MessagePack with the names of fields and variants: compact, and made for every type that
    /// serde knows, `serde_json::Value`, `flatten` and untagged enums included.
    #[default]
    MessagePack,
    /// bincode 2: the smallest and fastest, for types that need no self-describing format.
    #[cfg(feature = "bincode")]
    #[cfg_attr(docsrs, doc(cfg(feature = "bincode")))]
    Bincode,
    /// JSON: for people who look into the backend. It has no infinite numbers and no NaN.
    #[cfg(feature = "json")]
    #[cfg_attr(docsrs, doc(cfg(feature = "json")))]
    Json,
}

impl Codec {
    /// The codecs that this build has.
    pub(crate) const ALL: &[Self] = &[
        Self::MessagePack,
        #[cfg(feature = "bincode")]
        Self::Bincode,
        #[cfg(feature = "json")]
        Self::Json,
    ];

    /// The name used in settings and logs: `msgpack`, `bincode` or `json`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MessagePack => "msgpack",
            #[cfg(feature = "bincode")]
            Self::Bincode => "bincode",
            #[cfg(feature = "json")]
            Self::Json => "json",
        }
    }

    /// The number in an envelope. Never renumber them: entries outlive the process.
    pub(crate) const fn id(self) -> u8 {
        match self {
            Self::MessagePack => 1,
            #[cfg(feature = "bincode")]
            Self::Bincode => 2,
            #[cfg(feature = "json")]
            Self::Json => 3,
        }
    }

    /// The codec with this number, if this build has it.
    pub(crate) fn from_id(id: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|codec| codec.id() == id)
    }

    /// Whether types are asked for their human-readable form.
    pub(crate) const fn is_human_readable(self) -> bool {
        match self {
            Self::MessagePack => false,
            #[cfg(feature = "bincode")]
            Self::Bincode => false,
            #[cfg(feature = "json")]
            Self::Json => true,
        }
    }

    /// Whether the bytes say themselves what they hold, so that types may ask for it.
    pub(crate) const fn describes_itself(self) -> bool {
        match self {
            Self::MessagePack => true,
            #[cfg(feature = "bincode")]
            Self::Bincode => false,
            #[cfg(feature = "json")]
            Self::Json => true,
        }
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Codec {
    type Err = Error;

    /// The codec called `name`.
    ///
    /// # Errors
    ///
    /// There is no such codec, or this build does not have it; says which ones it has.
    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL.iter().copied().find(|codec| codec.name() == name).ok_or_else(|| {
            let message = match name {
                "bincode" | "json" => {
                    format!("{name:?} needs the feature {name:?} of the crate dogpile")
                }
                _ => format!("{name:?} is not one of {}", choices()),
            };
            Error::new(ErrorKind::Config, "read codec", message)
        })
    }
}

fn choices() -> String {
    Codec::ALL.iter().map(|codec| codec.name()).collect::<Vec<_>>().join(", ")
}
