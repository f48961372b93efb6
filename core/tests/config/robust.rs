//! Whatever is read: never a panic, never a secret in an error, and valid settings come through.

use std::fmt::Write as _;
use std::time::Duration;

use dogpile::config::{BackendUrl, Coherence, RegionConfig, RegionsConfig};
use dogpile::{Region, millis, secs};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

const VALID: &str = r#"
[defaults]
ttl = "5m"
local = "64 MiB"
[regions.shop]
backend = "redis://app:s3cret@cache:6379,two/0?pool=8"
coherence = "bounded(2s)"
jitter = 0.25
max_tags = 16
op_timeout = "50ms"
mangler = { prefix = "v2:", limit = 64 }
"#;

/// What every entry point makes of `text`.
fn read(text: &str) -> Vec<dogpile::Result<RegionsConfig>> {
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    let variables = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let value = [("APP_REGIONS__SHOP__TTL".to_owned(), text.to_owned())];
    vec![
        RegionsConfig::from_toml(text),
        RegionsConfig::from_json(text),
        RegionsConfig::from_env("APP", variables),
        RegionsConfig::from_env("APP", value),
    ]
}

/// Builds what was read, as far as it can be.
fn build(config: &RegionsConfig) {
    for name in config.regions.keys() {
        let builder = config.region(name).unwrap().apply(Region::builder(name));
        let _ = builder.and_then(|builder| builder.local(1 << 16).build());
    }
}

/// A change of `VALID` somewhere in the middle.
fn mutated() -> impl Strategy<Value = String> {
    let change = (0..VALID.len(), 0_usize..12, "[-a-z0-9\"'=.:/@?#%\\[\\]{}, \n]{0,6}");
    vec(change, 1..4).prop_map(|changes| {
        let mut text = VALID.to_owned();
        for (at, length, new) in changes {
            let at = at.min(text.len());
            let end = (at + length).min(text.len());
            text.replace_range(at..end, &new);
        }
        text
    })
}

fn duration() -> impl Strategy<Value = Duration> {
    prop_oneof![(0_u64..100_000_000).prop_map(millis), (0_u64..3_000_000_000).prop_map(secs)]
}

fn region() -> impl Strategy<Value = RegionConfig> {
    let coherence = prop_oneof![
        Just(Coherence::Strict),
        Just(Coherence::Push),
        duration().prop_map(Coherence::Bounded),
    ];
    let durations = (option::of(duration()), option::of(duration()), option::of(duration()));
    let numbers =
        (option::of(0.0..=1.0), option::of(0..u32::MAX as usize), option::of(0_u64..1 << 62));
    let prefix = option::of("[!-&(-~]{0,64}");
    let backend =
        option::of("[a-z][a-z0-9+.-]{0,9}://([a-z]{1,5}:[a-z%20]{0}[a-z]{0,5}@)?[a-z]{1,9}");
    (durations, numbers, option::of(coherence), prefix, backend).prop_map(
        |((ttl, stale_for, lease), (jitter, max_tags, local), coherence, prefix, backend)| {
            let mut region = RegionConfig { ttl, stale_for, lease, ..RegionConfig::default() };
            (region.jitter, region.max_tags, region.local) = (jitter, max_tags, local);
            region.coherence = coherence;
            region.mangler.prefix = prefix;
            region.backend = backend.map(|url: String| url.parse::<BackendUrl>().unwrap());
            region
        },
    )
}

/// The settings as somebody would write them.
fn written(region: &RegionConfig) -> String {
    let mut toml = String::new();
    let durations = [("ttl", region.ttl), ("stale_for", region.stale_for), ("lease", region.lease)];
    for (name, value) in durations {
        if let Some(value) = value {
            writeln!(toml, "{name} = '{}s {}ms'", value.as_secs(), value.subsec_millis()).unwrap();
        }
    }
    if let Some(share) = region.jitter {
        writeln!(toml, "jitter = {share:?}").unwrap();
    }
    if let Some(count) = region.max_tags {
        writeln!(toml, "max_tags = {count}").unwrap();
    }
    if let Some(bytes) = region.local {
        writeln!(toml, "local = '{bytes} B'").unwrap();
    }
    if let Some(coherence) = region.coherence {
        writeln!(toml, "coherence = '{coherence}'").unwrap();
    }
    if let Some(prefix) = &region.mangler.prefix {
        writeln!(toml, "mangler.prefix = '{prefix}'").unwrap();
    }
    if let Some(url) = &region.backend {
        writeln!(toml, "backend = '{}'", url.clone().for_driver().expose()).unwrap();
    }
    toml
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in ".*") {
        read(&text).iter().flatten().for_each(build);
        let _ = text.parse::<BackendUrl>();
    }

    #[test]
    fn no_duration_or_size_makes_it_panic(text in "([0-9.]{1,25} ?[a-zA-Zµ]{0,7} ?){0,4}") {
        for setting in ["ttl", "lease", "local", "jitter", "max_tags", "early_refresh"] {
            let toml = format!("[regions.shop]\nttl = '1s'\n[defaults]\n{setting} = '{text}'");
            read(&toml).iter().flatten().for_each(build);
        }
    }

    #[test]
    fn no_change_of_valid_settings_makes_it_panic_or_tell_a_secret(text in mutated()) {
        let whole = text.contains("redis://app:s3cret@cache");
        for result in read(&text) {
            let shown = match result {
                Ok(config) => {
                    build(&config);
                    format!("{config:?}")
                }
                Err(error) => format!("{error} {error:?}"),
            };
            prop_assert!(!whole || !shown.contains("s3cret"), "{}", shown);
        }
    }

    #[test]
    fn no_url_makes_it_panic_and_none_shows_its_password(
        text in "[a-z]{1,5}:(//)?[-a-z0-9.:/?&=%@,\\[\\]]{0,30}",
        password in "[A-Z]{6}",
    ) {
        if let Ok(url) = text.parse::<BackendUrl>() {
            prop_assert_eq!(&url, &url.clone().for_driver().expose().parse().unwrap());
        }
        let with = text.replacen("//", &format!("//u:{password}@"), 1);
        let shown = match with.parse::<BackendUrl>() {
            Ok(url) => format!("{url} {url:?}"),
            Err(error) => format!("{error} {error:?}"),
        };
        prop_assert!(!shown.contains(&password), "{}", shown);
    }

    #[test]
    fn valid_settings_come_through_as_they_were_written(
        defaults in region(),
        regions in vec(("[a-z]{1,8}", region()), 0..4),
    ) {
        let expected = RegionsConfig { defaults, regions: regions.into_iter().collect() };
        let mut toml = format!("[defaults]\n{}", written(&expected.defaults));
        for (name, region) in &expected.regions {
            write!(toml, "[regions.{name}]\n{}", written(region)).unwrap();
        }
        prop_assert_eq!(RegionsConfig::from_toml(&toml).unwrap(), expected);
    }
}

#[test]
fn no_depth_makes_it_overflow() {
    let lists = format!("a = {}", "[".repeat(100_000));
    let dots = format!("{}a = 1", "a.".repeat(100_000));
    let inline = format!("a = {}", "{ a = ".repeat(100_000));
    let tables = format!("[{}a]", "a.".repeat(100_000));
    let json = "{\"a\":".repeat(100_000);
    for text in [lists, dots, inline, tables, json, "[".repeat(100_000)] {
        assert!(read(&text).iter().take(2).all(Result::is_err));
    }
}
