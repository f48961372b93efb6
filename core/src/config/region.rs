//! The settings of one region.

use std::time::Duration;

use serde::Deserialize;

use super::settings::{Count, Factor, Lifetime, PrefixText, Share, Size, Wait, setting};
use super::{BackendUrl, CodecName, Coherence};
use crate::policy::Freshness;

/// The settings of one region: those of [`RegionBuilder`](crate::RegionBuilder) that are data.
///
/// `None` means: not set here. A literal ends with `..RegionConfig::default()`, as settings are
/// added in later versions. It can be read from any format that serde knows; only the entry points of
/// [`RegionsConfig`](super::RegionsConfig) say where in the document an error is.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table of settings such as { ttl = \"5m\" }")]
pub struct RegionConfig {
    /// Where entries are kept beyond this process.
    pub backend: Option<BackendUrl>,
    /// How values become bytes.
    #[serde(deserialize_with = "setting::<CodecName, _>")]
    pub codec: Option<CodecName>,
    /// How old what the local tier serves may be.
    #[serde(deserialize_with = "setting::<Coherence, _>")]
    pub coherence: Option<Coherence>,
    /// What a write does about what was read before it.
    #[serde(deserialize_with = "setting::<Freshness, _>")]
    pub freshness: Option<Freshness>,
    /// How long a taint lasts whose writer has gone.
    #[serde(deserialize_with = "setting::<Wait, _>")]
    pub taint_life: Option<Duration>,
    /// How keys become names.
    #[serde(deserialize_with = "some_or_default")]
    pub mangler: ManglerConfig,
    /// How long a value is fresh.
    #[serde(deserialize_with = "setting::<Lifetime, _>")]
    pub ttl: Option<Duration>,
    /// How long after its `ttl` a value may still be served while one caller creates the next.
    #[serde(deserialize_with = "setting::<Lifetime, _>")]
    pub stale_for: Option<Duration>,
    /// How long a value may be served in place of a creator's error.
    #[serde(deserialize_with = "setting::<Lifetime, _>")]
    pub serve_stale_on_error: Option<Duration>,
    /// How long a key is left alone after its creator failed.
    #[serde(deserialize_with = "setting::<Wait, _>")]
    pub error_throttle: Option<Duration>,
    /// The largest share of `ttl` that is taken off at random.
    #[serde(deserialize_with = "setting::<Share, _>")]
    pub jitter: Option<f64>,
    /// How eagerly values are refreshed before their `ttl` is over.
    #[serde(deserialize_with = "setting::<Factor, _>")]
    pub early_refresh: Option<f64>,
    /// How many refreshes may run in the background at once.
    #[serde(deserialize_with = "setting::<Count, _>")]
    pub background_refreshes: Option<usize>,
    /// How many bytes of values are kept in this process.
    #[serde(deserialize_with = "setting::<Size, _>")]
    pub local: Option<u64>,
    /// The largest value that is stored, in bytes.
    #[serde(deserialize_with = "setting::<Size, _>")]
    pub max_value: Option<u64>,
    /// The most tags an entry may depend on.
    #[serde(deserialize_with = "setting::<Count, _>")]
    pub max_tags: Option<usize>,
    /// How long callers wait for somebody else's creation.
    #[serde(deserialize_with = "setting::<Wait, _>")]
    pub max_load: Option<Duration>,
    /// How long a creation may take before callers are served something stale.
    #[serde(deserialize_with = "setting::<Wait, _>")]
    pub soft_load_limit: Option<Duration>,
    /// How long a creation may take at all.
    #[serde(deserialize_with = "setting::<Wait, _>")]
    pub hard_load_limit: Option<Duration>,
    /// How long one call to a backend may take.
    #[serde(deserialize_with = "setting::<Wait, _>")]
    pub op_timeout: Option<Duration>,
    /// How long a creator waits for a lock store that does not answer.
    #[serde(deserialize_with = "setting::<Wait, _>")]
    pub lock_wait: Option<Duration>,
    /// How long a lease lasts that is not renewed.
    #[serde(deserialize_with = "setting::<Wait, _>")]
    pub lease: Option<Duration>,
    /// How many creators may run at once without flight or lease.
    #[serde(deserialize_with = "setting::<Count, _>")]
    pub unlocked_creators: Option<usize>,
}

/// How keys become names.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table such as { prefix = \"v2:\" }")]
pub struct ManglerConfig {
    /// What stands before every name, hashed or not.
    #[serde(deserialize_with = "setting::<PrefixText, _>")]
    pub prefix: Option<String>,
    /// The longest name in bytes, without its prefix, that is not hashed.
    #[serde(deserialize_with = "setting::<Count, _>")]
    pub limit: Option<usize>,
}

/// Lays one table over another, setting by setting. Names all fields, so that none is forgotten.
macro_rules! overlay {
    ($under:ident, $over:ident, { $($field:ident)* } $($nested:ident)*) => {{
        let Self { $($field,)* $($nested,)* } = $over;
        Self {
            $($field: $field.or($under.$field),)*
            $($nested: $under.$nested.overlay($nested),)*
        }
    }};
}

impl RegionConfig {
    /// These settings, and where `over` has one, that one.
    ///
    /// ```
    /// use dogpile::config::RegionConfig;
    /// use dogpile::{minutes, secs};
    ///
    /// let under = RegionConfig { ttl: Some(minutes(5)), jitter: Some(0.2), ..Default::default() };
    /// let over = RegionConfig { ttl: Some(secs(30)), ..Default::default() };
    /// let both = under.overlay(over);
    /// assert_eq!((both.ttl, both.jitter), (Some(secs(30)), Some(0.2)));
    /// ```
    #[must_use]
    pub fn overlay(self, over: Self) -> Self {
        overlay!(self, over, {
            backend codec coherence freshness taint_life ttl stale_for serve_stale_on_error
            error_throttle jitter early_refresh background_refreshes local max_value max_tags max_load
            soft_load_limit hard_load_limit op_timeout lock_wait lease unlocked_creators
        } mangler)
    }
}

impl ManglerConfig {
    fn overlay(self, over: Self) -> Self {
        overlay!(self, over, { prefix limit })
    }
}

/// A table, or what is left of it in a format that has `null`.
fn some_or_default<'de, D>(deserializer: D) -> Result<ManglerConfig, D::Error>
where
    D: serde::Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}
