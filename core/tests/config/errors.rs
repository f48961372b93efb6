//! What a person reads who made a mistake, word for word.

use dogpile::config::{RegionConfig, RegionsConfig};

use crate::support::{refused, text};

const SETTINGS: &str = "backend, codec, coherence, freshness, taint_life, mangler, ttl, stale_for, \
                        serve_stale_on_error, error_throttle, jitter, early_refresh, \
                        background_refreshes, local, max_value, max_tags, max_load, \
                        soft_load_limit, hard_load_limit, op_timeout, lock_wait, lease, \
                        unlocked_creators";

#[test]
fn a_wrong_word_is_shown_with_the_words_there_are() {
    let error = RegionsConfig::from_toml("[regions.shop]\ncoherence = 'pusch'").unwrap_err();
    assert_eq!(
        error.to_string(),
        "configuration: read regions: \
         regions.shop.coherence: \"pusch\" is not one of strict, bounded(duration), push"
    );
    assert_eq!(
        refused("regions.shop.codec = 'xml'"),
        "regions.shop.codec: \"xml\" is not one of msgpack, bincode, json"
    );
    assert_eq!(
        refused("defaults.freshness = 'fresh'"),
        "defaults.freshness: \"fresh\" is not one of ttl, after_commit, fenced, durable, transactional"
    );
}

#[test]
fn an_unknown_setting_is_named_with_its_path_and_the_closest_one() {
    assert_eq!(
        refused("regions.shop.tll = '5m'"),
        format!(
            "regions.shop.tll: unknown setting, did you mean `ttl`? The settings here are {SETTINGS}"
        )
    );
    assert_eq!(
        refused("defaults.colour = 'red'"),
        format!("defaults.colour: unknown setting. The settings here are {SETTINGS}")
    );
    assert_eq!(
        refused("region.shop.ttl = '5m'"),
        "region: unknown setting, did you mean `regions`? The settings here are defaults, regions"
    );
    assert_eq!(
        refused("regions.shop.mangler.prefx = 'v2:'"),
        "regions.shop.mangler.prefx: unknown setting, did you mean `prefix`? \
         The settings here are prefix, limit"
    );
}

#[test]
fn a_value_of_the_wrong_type_is_shown_with_an_example() {
    let cases = [
        ("ttl = true", "ttl: true is not a duration such as \"5m\""),
        ("ttl = '5 parsecs'", "ttl: \"5 parsecs\" is not a duration such as \"5m\""),
        ("ttl = -5", "ttl: -5 is not a duration such as \"5m\""),
        ("stale_for = 1.5", "stale_for: 1.5 is not a duration such as \"5m\""),
        ("ttl = ''", "ttl: \"\" is not a duration such as \"5m\""),
        ("op_timeout = 100", "op_timeout: 100 is not a duration with its unit, such as \"100ms\""),
        ("lease = [3]", "lease: a list is not a duration with its unit, such as \"100ms\""),
        ("local = '64 apples'", "local: \"64 apples\" is not a size such as \"64 MiB\""),
        ("max_value = {}", "max_value: a table is not a size such as \"64 MiB\""),
        ("max_tags = 1.0", "max_tags: 1.0 is not a whole number such as 32"),
        ("jitter = 2", "jitter: 2 is not a number from 0 to 1 such as 0.1"),
        ("early_refresh = nan", "early_refresh: NaN is not a number such as 1.5"),
        ("backend = 5", "backend: 5 is not a URL such as \"redis://cache:6379\""),
        ("mangler = 'v2:'", "mangler: \"v2:\" is not a table such as { prefix = \"v2:\" }"),
        (
            "mangler.prefix = 'v 2'",
            "mangler.prefix: \"v 2\" is not a prefix of up to 64 visible ASCII characters without \
             spaces, such as \"v2:\"",
        ),
    ];
    for (setting, expected) in cases {
        assert_eq!(
            refused(&format!("[regions.shop]\n{setting}")),
            format!("regions.shop.{expected}")
        );
    }
    assert_eq!(
        refused("regions.shop = '5m'"),
        "regions.shop: \"5m\" is not a table of settings such as { ttl = \"5m\" }"
    );
    assert_eq!(
        refused("regions.shop = ['redis://cache']"),
        "regions.shop: a list is not a table of settings such as { ttl = \"5m\" }"
    );
    assert_eq!(
        refused("regions = 5"),
        "regions: 5 is not a table of regions such as { shop = { ttl = \"5m\" } }"
    );
    assert_eq!(
        text(RegionsConfig::from_json("[]")),
        "a list is not a table of `defaults` and `regions`"
    );
}

#[test]
fn what_is_no_toml_or_json_is_said_with_its_line_and_column() {
    assert_eq!(
        refused("[regions.shop]\nttl = '5m"),
        "line 2, column 10: not TOML: invalid literal string, expected `'`"
    );
    assert_eq!(
        refused("[regions.shop]\nttl = '5m'\nttl = '6m'"),
        "line 3, column 1: not TOML: duplicate key"
    );
    assert_eq!(
        text(RegionsConfig::from_json("{ \"defaults\": {\n  \"ttl\": } }")),
        "line 2, column 10: not JSON: expected value"
    );
    assert_eq!(
        text(RegionsConfig::from_json("{ \"defaults\": { \"ttl\": 5, \"ttl\": 6 } }")),
        "line 1, column 36: not JSON: \"ttl\" is given twice"
    );
}

#[test]
fn a_name_that_is_no_bare_key_is_quoted_in_a_path() {
    assert_eq!(
        refused("regions.'a.b'.ttl = true"),
        "regions.\"a.b\".ttl: true is not a duration such as \"5m\""
    );
    assert_eq!(
        refused("regions.''.ttl = true"),
        "regions.\"\".ttl: true is not a duration such as \"5m\""
    );
}

#[test]
fn a_file_is_named_in_its_errors() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let missing = folder.join("there is no such file.toml");
    assert_eq!(
        text(RegionsConfig::from_toml_file(&missing)),
        format!(
            "the file cannot be read; is it there, readable, and UTF-8? path={}",
            missing.display()
        )
    );
    let path = folder.join(format!("config-{}.toml", std::process::id()));
    std::fs::write(&path, "regions.shop.ttl = true").unwrap();
    let wrong = text(RegionsConfig::from_toml_file(&path));
    std::fs::write(&path, "regions.shop.ttl = '5m'").unwrap();
    let right = RegionsConfig::from_toml_file(&path);
    std::fs::remove_file(&path).unwrap();
    assert_eq!(
        wrong,
        format!("regions.shop.ttl: true is not a duration such as \"5m\" path={}", path.display())
    );
    assert_eq!(right.unwrap().region("shop").unwrap().ttl, Some(dogpile::minutes(5)));
}

#[test]
fn any_format_of_serde_reads_a_region_and_says_what_is_expected() {
    let region: RegionConfig = serde_json::from_str(r#"{ "ttl": "5m", "jitter": null }"#).unwrap();
    assert_eq!((region.ttl, region.jitter), (Some(dogpile::minutes(5)), None));
    let region: RegionConfig = toml::from_str("ttl = '5m'\nmangler.limit = 64").unwrap();
    assert_eq!(region.mangler.limit, Some(64));
    let error = serde_json::from_str::<RegionConfig>(r#"{ "ttl": true }"#).unwrap_err();
    assert!(error.to_string().contains("expected a duration such as \"5m\""), "{error}");
}
