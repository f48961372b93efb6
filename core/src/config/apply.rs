//! From the settings of a region to its builder.

use super::{CodecName, RegionConfig, wrong};
use crate::codec::Codec;
use crate::error::{Error, Result};
use crate::key::{HashLong, Prefix, Readable};
use crate::region::RegionBuilder;

/// A setting that cannot be had, and why.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) setting: &'static str,
    pub(super) why: String,
}

/// Gives the builder every setting that has the builder's own name. Names all fields, so that none is
/// ignored without a word.
macro_rules! settings {
    (
        $config:ident, $builder:ident;
        given { $($given:ident)* }
        elsewhere { $($elsewhere:ident)* }
    ) => {
        let RegionConfig { $($given,)* $($elsewhere: _,)* } = $config;
        $(if let Some(value) = $given {
            $builder = $builder.$given(*value);
        })*
    };
}

/// Gives every setting but the backend to `builder`.
pub(super) fn settings(
    config: &RegionConfig,
    mut builder: RegionBuilder,
) -> Result<RegionBuilder, Refused> {
    settings! {
        config, builder;
        given {
            ttl stale_for jitter local max_value max_tags max_load op_timeout lock_wait lease
            unlocked_creators serve_stale_on_error error_throttle early_refresh
            background_refreshes freshness taint_life coherence soft_load_limit hard_load_limit
        }
        elsewhere { backend mangler codec }
    }
    if let Some(name) = config.codec {
        builder = builder.codec(codec(name)?);
    }
    Ok(mangled(config, builder))
}

fn codec(name: CodecName) -> Result<Codec, Refused> {
    let refused = |error: Error| Refused { setting: "codec", why: error.to_string() };
    name.to_string().parse().map_err(refused)
}

/// The prefix stands outside: it is there to keep names apart, and a hash must not swallow it.
fn mangled(config: &RegionConfig, builder: RegionBuilder) -> RegionBuilder {
    let mangler = &config.mangler;
    let hashed = mangler.limit.map_or_else(HashLong::default, |n| HashLong::new(Readable, n));
    match &mangler.prefix {
        Some(prefix) => builder.mangler(Prefix::new(prefix, hashed)),
        None if mangler.limit.is_some() => builder.mangler(hashed),
        None => builder,
    }
}

impl RegionConfig {
    /// Gives every setting but the backend to `builder`: for an application that has the settings of
    /// one region somewhere in its own.
    ///
    /// ```
    /// use dogpile::Region;
    /// use dogpile::config::RegionConfig;
    ///
    /// let config: RegionConfig = serde_json::from_str(r#"{ "ttl": "5m" }"#)?;
    /// let region = config.apply(Region::builder("shop"))?.build()?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](crate::ErrorKind::Config): a setting that cannot be had.
    pub fn apply(&self, builder: RegionBuilder) -> Result<RegionBuilder> {
        settings(self, builder)
            .map_err(|Refused { setting, why }| wrong(format!("{setting}: {why}")))
    }
}
