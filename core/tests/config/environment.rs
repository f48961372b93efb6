//! Environment variables: which are read, as what, and what is said of those that are wrong.

use std::ffi::OsStr;
use std::process::Command;

use dogpile::config::RegionsConfig;
use dogpile::minutes;

use crate::support::{text, variables};

fn read(pairs: &[(&str, &str)]) -> dogpile::Result<RegionsConfig> {
    RegionsConfig::from_env("APP", variables(pairs))
}

fn refused(pairs: &[(&str, &str)]) -> String {
    text(read(pairs))
}

#[test]
fn a_variable_names_a_setting_by_its_path() {
    let config = read(&[
        ("APP_REGIONS__SHOP__TTL", "5m"),
        ("APP_REGIONS__SHOP__MANGLER__PREFIX", "v2:"),
        ("APP_REGIONS__SHOP__MAX_TAGS", "16"),
        ("APP_REGIONS__ORDER_LINES__TTL", "60"),
        ("APP_DEFAULTS__JITTER", "0.5"),
    ])
    .unwrap();
    let shop = config.region("shop").unwrap();
    assert_eq!((shop.ttl, shop.max_tags, shop.jitter), (Some(minutes(5)), Some(16), Some(0.5)));
    assert_eq!(shop.mangler.prefix.as_deref(), Some("v2:"));
    assert_eq!(config.region("order_lines").unwrap().ttl, Some(minutes(1)));
}

#[test]
fn the_variables_of_others_are_not_looked_at() {
    let others = [
        ("OTHER_REGIONS__SHOP__TTL", "?"),
        ("APPLE_REGIONS__SHOP__TTL", "?"),
        ("APP_LOG", "debug"),
        ("APP_PORT_6379_TCP_ADDR", "10.0.0.1"),
        ("APP", "?"),
        ("", ""),
    ];
    assert_eq!(read(&others).unwrap(), RegionsConfig::default());
}

#[test]
fn a_wrong_variable_is_named_as_it_is_spelt() {
    assert_eq!(
        refused(&[("APP_REGIONS__SHOP__TTL", "5 parsecs")]),
        "APP_REGIONS__SHOP__TTL: \"5 parsecs\" is not a duration such as \"5m\""
    );
    assert!(
        refused(&[("APP_REGIONS__SHOP__TLL", "5m")])
            .starts_with("APP_REGIONS__SHOP__TLL: unknown setting, did you mean `ttl`? The")
    );
    assert_eq!(
        refused(&[("APP_REGION__SHOP__TTL", "5m")]),
        "APP_REGION: unknown setting, did you mean `regions`? The settings here are defaults, regions"
    );
    assert_eq!(
        refused(&[("APP_REGIONS_SHOP_TTL", "5m")]),
        "APP_REGIONS_SHOP_TTL: unknown setting. The settings here are defaults, regions"
    );
    assert_eq!(
        refused(&[("APP_REGIONS__SHOP", "5m")]),
        "APP_REGIONS__SHOP: \"5m\" is not a table of settings such as { ttl = \"5m\" }"
    );
}

#[test]
fn variables_that_contradict_each_other_are_refused_in_either_order() {
    let (table, value) = (("APP_REGIONS__SHOP__TTL", "5m"), ("APP_REGIONS__SHOP", "5m"));
    assert_eq!(
        refused(&[table, value]),
        "APP_REGIONS__SHOP: other variables give settings to what is a value here"
    );
    assert_eq!(
        refused(&[value, table]),
        "APP_REGIONS__SHOP__TTL: another variable gives a value to what is a table here"
    );
    assert_eq!(
        refused(&[("APP_REGIONS__SHOP__TTL", "5m"), ("APP_REGIONS__shop__TTL", "6m")]),
        "APP_REGIONS__shop__TTL: given twice, in capitals and in small letters"
    );
}

#[test]
fn a_name_with_empty_or_too_many_parts_is_refused() {
    let empty = "a part is empty; write a name such as REGIONS__SHOP__TTL";
    assert_eq!(refused(&[("APP_REGIONS____TTL", "5m")]), format!("APP_REGIONS____TTL: {empty}"));
    assert_eq!(refused(&[("APP_REGIONS__", "5m")]), format!("APP_REGIONS__: {empty}"));
    let deep = format!("APP_REGIONS{}", "__A".repeat(100_000));
    assert_eq!(
        refused(&[(deep.as_str(), "5m")]),
        format!(
            "{:?} (cut short): \
             too many parts; the longest name is such as REGIONS__SHOP__MANGLER__PREFIX",
            &deep[..60]
        )
    );
}

#[test]
fn a_region_is_found_whose_name_cannot_be_spelt_in_a_variable() {
    let file = "[regions.shop-eu]\nttl = '1m'\n[regions.Users]\n[regions.shop]";
    let over = variables(&[("APP_REGIONS__SHOP_EU__TTL", "5m"), ("APP_REGIONS__USERS__TTL", "6m")]);
    let config = RegionsConfig::from_toml(file).unwrap().overlay_env("APP", over).unwrap();
    assert_eq!(config.region("shop-eu").unwrap().ttl, Some(minutes(5)));
    assert_eq!(config.region("Users").unwrap().ttl, Some(minutes(6)));
    assert_eq!(config.regions.len(), 3);
}

#[test]
fn a_name_that_may_mean_two_regions_is_refused_unless_one_is_spelt_just_so() {
    let over = || variables(&[("APP_REGIONS__SHOP_EU__TTL", "5m")]);
    let file = "[regions.shop-eu]\n[regions.'shop.eu']";
    let config = RegionsConfig::from_toml(file).unwrap();
    assert_eq!(
        text(config.overlay_env("APP", over())),
        "APP_REGIONS__SHOP_EU: may mean the regions shop-eu and \"shop.eu\""
    );
    let config = RegionsConfig::from_toml("[regions.shop-eu]\n[regions.shop_eu]").unwrap();
    let config = config.overlay_env("APP", over()).unwrap();
    assert_eq!(config.region("shop_eu").unwrap().ttl, Some(minutes(5)));
    assert_eq!(config.region("shop-eu").unwrap().ttl, None);
}

/// The other side of the two tests below: reads the environment of its own process.
#[test]
#[ignore = "run by other tests, in a process of its own"]
fn child() {
    match RegionsConfig::default().overlay_process_env("DOGPILE_CHILD") {
        Ok(config) => println!("ttl={:?}", config.region("shop").unwrap().ttl),
        Err(error) => println!("error={error}"),
    }
}

fn in_a_child(name: &str, value: &OsStr) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "environment::child", "--ignored", "--nocapture"]).env(name, value);
    String::from_utf8(command.output().unwrap().stdout).unwrap()
}

#[test]
fn the_environment_of_the_process_is_read() {
    let said = in_a_child("DOGPILE_CHILD_REGIONS__SHOP__TTL", OsStr::new("5m"));
    assert!(said.contains("ttl=Some(300s)"), "{said}");
    let nothing = RegionsConfig::from_process_env("NOBODY_HAS_THIS_PREFIX").unwrap();
    assert_eq!(nothing, RegionsConfig::default());
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_utf8_is_an_error_and_nobody_elses_is() {
    use std::os::unix::ffi::OsStrExt as _;

    let broken = OsStr::from_bytes(b"5\xffm");
    let said = in_a_child("DOGPILE_CHILD_REGIONS__SHOP__TTL", broken);
    let expected = "read regions: DOGPILE_CHILD_REGIONS__SHOP__TTL: not UTF-8";
    assert!(said.contains(expected), "{said}");
    let said = in_a_child("DOGPILE_OTHER__TTL", broken);
    assert!(!said.contains("UTF-8"), "{said}");
}
