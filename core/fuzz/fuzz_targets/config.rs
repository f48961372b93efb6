//! Settings from anywhere: whatever the bytes, an answer and never a panic.
#![no_main]

use dogpile::Region;
use dogpile::config::{BackendUrl, RegionsConfig};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzz(bytes));

/// The first byte says which entry point the others are for.
fn fuzz(bytes: &[u8]) {
    let Some((&entry, bytes)) = bytes.split_first() else { return };
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let read = match entry % 4 {
        0 => RegionsConfig::from_toml(text),
        1 => RegionsConfig::from_json(text),
        2 => RegionsConfig::from_env("APP", variables(text)),
        _ => return url(text),
    };
    match read {
        Ok(config) => build(&config),
        Err(error) => drop(format!("{error} {error:?}")),
    }
}

/// Lines of `NAME=value`.
fn variables(text: &str) -> impl Iterator<Item = (String, String)> {
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned()))
}

/// What was read can be built or is refused.
fn build(config: &RegionsConfig) {
    for name in config.regions.keys() {
        let Some(region) = config.region(name) else { continue };
        let builder = region.apply(Region::builder(name));
        // A small tier, whatever the settings say: a fuzzer builds thousands.
        drop(builder.and_then(|builder| builder.local(1 << 16).build()));
    }
}

/// A URL is the same when it is read again as a driver would be handed it, and shows no password.
fn url(text: &str) {
    let Ok(url) = text.parse::<BackendUrl>() else { return };
    let again = url.clone().for_driver().expose().parse::<BackendUrl>();
    assert_eq!(again.as_ref().ok(), Some(&url));
    let shown = format!("{url} {url:?}");
    let hidden = url.user().is_some() || url.password().is_some();
    assert_eq!(hidden, shown.contains("***@"));
}
