//! Which of several values holds.

use dogpile::config::{CodecName, Coherence, ManglerConfig, RegionConfig, RegionsConfig};
use dogpile::{Freshness, hours, megabytes, millis, minutes, secs};

use crate::support::{shop, variables};

const EVERYTHING: &str = r#"
    [regions.shop]
    backend = "memory://?capacity=64MiB"
    codec = "json"
    coherence = "bounded(2s)"
    freshness = "fenced"
    taint_life = "20s"
    ttl = "5m"
    stale_for = "2h"
    serve_stale_on_error = 60
    error_throttle = "1s"
    jitter = 0.2
    early_refresh = 1
    background_refreshes = 4
    local = "64 MiB"
    max_value = 1024
    max_tags = "16"
    max_load = "1m"
    soft_load_limit = "100ms"
    hard_load_limit = "10s"
    op_timeout = "50ms"
    lock_wait = "2s"
    lease = "1500ms"
    unlocked_creators = 3
    mangler = { prefix = "v2:", limit = 64 }
"#;

fn everything() -> RegionConfig {
    RegionConfig {
        backend: Some("memory://?capacity=64MiB".parse().unwrap()),
        codec: Some(CodecName::Json),
        coherence: Some(Coherence::Bounded(secs(2))),
        freshness: Some(Freshness::Fenced),
        taint_life: Some(secs(20)),
        mangler: ManglerConfig { prefix: Some("v2:".to_owned()), limit: Some(64) },
        ttl: Some(minutes(5)),
        stale_for: Some(hours(2)),
        serve_stale_on_error: Some(minutes(1)),
        error_throttle: Some(secs(1)),
        jitter: Some(0.2),
        early_refresh: Some(1.0),
        background_refreshes: Some(4),
        local: Some(megabytes(64)),
        max_value: Some(1024),
        max_tags: Some(16),
        max_load: Some(minutes(1)),
        soft_load_limit: Some(millis(100)),
        hard_load_limit: Some(secs(10)),
        op_timeout: Some(millis(50)),
        lock_wait: Some(secs(2)),
        lease: Some(millis(1500)),
        unlocked_creators: Some(3),
    }
}

#[test]
fn every_setting_is_read_and_is_told_from_the_others() {
    assert_eq!(shop(EVERYTHING), everything());
}

#[test]
fn every_setting_of_the_upper_layer_holds_and_every_other_stays() {
    let nothing = RegionConfig::default();
    assert_eq!(nothing.clone().overlay(everything()), everything());
    assert_eq!(everything().overlay(nothing), everything());
    let other = RegionConfig {
        ttl: Some(secs(1)),
        mangler: ManglerConfig { prefix: None, limit: Some(9) },
        ..RegionConfig::default()
    };
    let both = everything().overlay(other);
    assert_eq!(both.ttl, Some(secs(1)));
    assert_eq!(both.mangler, ManglerConfig { prefix: Some("v2:".to_owned()), limit: Some(9) });
    assert_eq!(both.stale_for, Some(hours(2)));
}

#[test]
fn a_region_wins_over_the_defaults() {
    let config = "[defaults]\nttl = '1m'\nlocal = '1 MiB'\n[regions.shop]\nttl = '5m'";
    let shop = shop(config);
    assert_eq!((shop.ttl, shop.local), (Some(minutes(5)), Some(megabytes(1))));
    let config = RegionsConfig::from_toml(config).unwrap();
    assert_eq!(config.region("users"), None, "defaults alone are no region");
}

#[test]
fn the_environment_wins_over_the_file_level_by_level() {
    let file = "[defaults]\nttl = '1m'\njitter = 0.5\n[regions.shop]\nttl = '2m'\n[regions.users]";
    let over = variables(&[
        ("APP_DEFAULTS__TTL", "9m"),
        ("APP_DEFAULTS__LOCAL", "1 MiB"),
        ("APP_REGIONS__SHOP__JITTER", "0"),
    ]);
    let config = RegionsConfig::from_toml(file).unwrap().overlay_env("APP", over).unwrap();
    let shop = config.region("shop").unwrap();
    // The region's own setting in the file still wins over a default of the environment.
    assert_eq!((shop.ttl, shop.jitter, shop.local), (Some(minutes(2)), Some(0.0), Some(1 << 20)));
    let users = config.region("users").unwrap();
    assert_eq!((users.ttl, users.jitter), (Some(minutes(9)), Some(0.5)));
}

#[test]
fn json_and_toml_say_the_same() {
    let json = r#"{ "defaults": { "ttl": null, "mangler": null },
                    "regions": { "shop": { "ttl": 300, "jitter": 1, "mangler": { "limit": 8 } } } }"#;
    let toml = "[regions.shop]\nttl = 300\njitter = 1.0\nmangler.limit = 8";
    let (json, toml) = (RegionsConfig::from_json(json), RegionsConfig::from_toml(toml));
    assert_eq!(json.unwrap(), toml.unwrap());
}
