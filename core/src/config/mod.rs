//! Regions from files, the environment and URLs.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), dogpile::Error> {
//! use dogpile::Regions;
//! use dogpile::config::{RegionsConfig, Schemes};
//!
//! let file = r#"
//!     [defaults]
//!     ttl = "5m"
//!
//!     [regions.shop]
//!     local = "64 MiB"
//!     stale_for = "2h"
//! "#;
//! let environment = [(String::from("APP_REGIONS__SHOP__TTL"), String::from("10m"))];
//!
//! let config = RegionsConfig::from_toml(file)?.overlay_env("APP", environment)?;
//! let regions = Regions::connect(config, &Schemes::new()).await?;
//! assert_eq!(regions.get("shop")?.name(), "shop");
//! # Ok(()) }
//! ```
//!
//! # What a setting may be
//!
//! | setting | written as |
//! |---|---|
//! | `ttl`, `stale_for`, `serve_stale_on_error` | a duration, `"5m"`; a plain number counts seconds |
//! | `max_load`, `op_timeout`, `lock_wait`, `lease`, `taint_life`, `error_throttle`, `soft_load_limit`, `hard_load_limit` | a duration with its unit, `"100ms"`, because nobody can tell whether a plain `100` means seconds |
//! | `local`, `max_value` | a size, `"64 MiB"`; a plain number counts bytes; `MB` is a million, `MiB` is 1024 x 1024 |
//! | `max_tags`, `unlocked_creators`, `background_refreshes` | a whole number |
//! | `jitter` | a number from 0 to 1 |
//! | `early_refresh` | a number, zero or more |
//! | `backend` | a URL, see [`BackendUrl`] |
//! | `codec`, `coherence`, `freshness` | one of a few words, see [`CodecName`], [`Coherence`], [`Freshness`](crate::Freshness) |
//! | `mangler` | a table of [`ManglerConfig`] |
//!
//! Durations are those of `humantime` (`"1h 30m"`, `"1.5s"`), of up to a hundred years. Numbers may
//! also be written as texts, as the environment has nothing else. What is not set, or `null`, is what
//! [`RegionBuilder`](crate::RegionBuilder) says its default is.
//!
//! # What wins
//!
//! A setting of the region before one in `defaults`; of each, the one that was laid over the other:
//! [`RegionsConfig::overlay`], [`RegionsConfig::overlay_env`].

mod apply;
mod builtin;
mod choices;
mod connect;
mod decode;
mod env;
mod problem;
mod region;
mod regions;
mod schemes;
mod settings;
mod suggest;
mod tree;
mod url;

pub use crate::coherence::Coherence;
pub use choices::CodecName;
pub use region::{ManglerConfig, RegionConfig};
pub use regions::RegionsConfig;
pub use schemes::Schemes;
pub use url::{BackendUrl, Host, Secret};

use std::borrow::Cow;

use crate::error::{Error, ErrorKind};

/// An error in what was read, said with its path.
fn wrong(text: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Config, "read regions", text)
}
