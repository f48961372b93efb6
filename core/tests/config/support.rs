//! What the tests of configuration share.

use dogpile::config::{RegionConfig, RegionsConfig};

/// The text of the error that `toml` is refused with.
pub(crate) fn refused(toml: &str) -> String {
    text(RegionsConfig::from_toml(toml))
}

/// The text of an error, without what is the same for all of them.
pub(crate) fn text<T: std::fmt::Debug>(result: dogpile::Result<T>) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), dogpile::ErrorKind::Config);
    let text = error.to_string();
    text.strip_prefix("configuration: read regions: ").map_or(text.clone(), str::to_owned)
}

/// The settings of the region `shop` in `toml`.
pub(crate) fn shop(toml: &str) -> RegionConfig {
    RegionsConfig::from_toml(toml).unwrap().region("shop").unwrap()
}

/// Variables as pairs.
pub(crate) fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
