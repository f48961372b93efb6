//! The settings of all regions of an application.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::de::{Deserializer, MapAccess, Visitor};

use super::decode::{decode, dotted};
use super::{RegionConfig, wrong};
use crate::error::{Error, Result};

/// The settings of all regions of an application, and what they have in common.
///
/// ```
/// use dogpile::config::RegionsConfig;
///
/// let error = RegionsConfig::from_toml("regions.shop.coherence = 'pusch'").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "configuration: read regions: \
///      regions.shop.coherence: \"pusch\" is not one of strict, bounded(duration), push"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table of `defaults` and `regions`")]
pub struct RegionsConfig {
    /// What holds for every region that does not say otherwise.
    pub defaults: RegionConfig,
    /// The regions, by name.
    #[serde(deserialize_with = "regions")]
    pub regions: BTreeMap<String, RegionConfig>,
}

impl RegionsConfig {
    /// Reads TOML.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](crate::ErrorKind::Config): it is not TOML, with the line and column; or
    /// a setting is wrong, with its path and what it may be.
    pub fn from_toml(text: &str) -> Result<Self> {
        decode(toml::from_str(text).map_err(|error| no_toml(text, &error))?, dotted)
    }

    /// Reads JSON.
    ///
    /// # Errors
    ///
    /// As [`from_toml`](Self::from_toml).
    pub fn from_json(text: &str) -> Result<Self> {
        decode(serde_json::from_str(text).map_err(|error| no_json(&error))?, dotted)
    }

    /// Reads a file of TOML. Blocks: meant for start-up.
    ///
    /// # Errors
    ///
    /// As [`from_toml`](Self::from_toml), with the path of the file; and where it cannot be read.
    pub fn from_toml_file(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).map_err(|error| {
            wrong("the file cannot be read; is it there, readable, and UTF-8?")
                .with("path", path.display())
                .caused_by(error)
        })?;
        Self::from_toml(&text).map_err(|error| error.with("path", path.display()))
    }

    /// These settings, and where `over` has one, that one: setting by setting, the defaults over
    /// the defaults and each region over its namesake.
    ///
    /// A default of `over` does not replace what a region of `self` says for itself.
    #[must_use]
    pub fn overlay(mut self, over: Self) -> Self {
        self.defaults = self.defaults.overlay(over.defaults);
        for (name, region) in over.regions {
            let under = self.regions.remove(&name).unwrap_or_default();
            self.regions.insert(name, under.overlay(region));
        }
        self
    }

    /// What holds for the region `name`: its own settings over the defaults.
    pub fn region(&self, name: &str) -> Option<RegionConfig> {
        let region = self.regions.get(name)?.clone();
        Some(self.defaults.clone().overlay(region))
    }
}

fn no_toml(text: &str, error: &toml::de::Error) -> Error {
    // Not the error's own text: that quotes the line, which may hold a password.
    let message = error.message().replace('\n', "; ");
    let Some(before) = error.span().and_then(|span| text.get(..span.start)) else {
        return wrong(format!("not TOML: {message}"));
    };
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    wrong(format!("line {line}, column {column}: not TOML: {message}"))
}

fn no_json(error: &serde_json::Error) -> Error {
    let (line, column) = (error.line(), error.column());
    let text = error.to_string();
    let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message);
    wrong(format!("line {line}, column {column}: not JSON: {message}"))
}

fn regions<'de, D>(deserializer: D) -> Result<BTreeMap<String, RegionConfig>, D::Error>
where
    D: Deserializer<'de>,
{
    deserializer.deserialize_any(ByName)
}

struct ByName;

impl<'de> Visitor<'de> for ByName {
    type Value = BTreeMap<String, RegionConfig>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of regions such as { shop = { ttl = \"5m\" } }")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut regions = BTreeMap::new();
        while let Some((name, region)) = items.next_entry()? {
            regions.insert(name, region);
        }
        Ok(regions)
    }
}
