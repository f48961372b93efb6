//! What a URL holds that is nobody's business is shown nowhere.

use dogpile::Regions;
use dogpile::config::{BackendUrl, RegionConfig, RegionsConfig, Schemes};

use crate::support::refused;

const URL: &str = "redis://us3r:s3cret@cache:6379,[::1]/0?token=s3cret&db=1";

#[test]
fn a_url_prints_where_it_leads_and_nothing_else() {
    let url: BackendUrl = URL.parse().unwrap();
    assert_eq!(url.to_string(), "redis://***@cache:6379,[::1]/0?token=***&db=***");
    assert_eq!(format!("{url:?}"), format!("BackendUrl({url})"));
    assert_eq!(format!("{:?}", url.password().unwrap()), "***");
    assert_eq!(format!("{:?}", url.for_driver()), "***");
    for text in [
        "memory:",
        "memory://",
        "redis://h/%0Aforged",
        "sqlite:cache.db",
        "sqlite:///cache.db",
        "redis://h",
    ] {
        assert_eq!(text.parse::<BackendUrl>().unwrap().to_string(), text);
    }
}

#[test]
fn settings_print_without_what_is_secret() {
    let config = RegionsConfig::from_toml(&format!("regions.shop.backend = '{URL}'")).unwrap();
    let printed = format!("{config:?} {config:#?}");
    assert!(printed.contains("cache:6379") && !printed.contains("s3cret"), "{printed}");
    assert!(!printed.contains("us3r"), "{printed}");
}

#[test]
fn no_error_repeats_a_backend_whatever_is_wrong_with_it() {
    let broken = [
        "redis://app:s3cret@cache:port",
        "redis://app:s3cret@",
        "redis://app:1/s3cret@cache",
        "redis://app:s3cret/@cache",
        "redis://app:s3cret%@cache",
        "redis://app:?s3cret@cache",
        "redis://app:1?s3cret=@cache",
        "redis://app:1#s3cret@cache",
        "s3cret",
        " s3cret://",
    ];
    for url in broken {
        let text = refused(&format!("regions.shop.backend = '{url}'"));
        assert!(text.starts_with("regions.shop.backend: "), "{text}");
        assert!(!text.contains("s3cret"), "{text}");
    }
    for wrong in ["['{}']", "{ url = '{}' }", "'''{}\n'''", "'{}"] {
        let text = refused(&format!("regions.shop.backend = {}", wrong.replace("{}", URL)));
        assert!(!text.contains("s3cret"), "{text}");
    }
}

#[test]
fn a_url_in_the_wrong_place_is_not_repeated_either() {
    let not_shown = "what looks like a URL (not shown)";
    assert_eq!(
        refused(&format!("regions.shop.ttl = '{URL}'")),
        format!("regions.shop.ttl: {not_shown} is not a duration such as \"5m\"")
    );
    assert!(
        refused(&format!("regions.shop.'{URL}' = 1"))
            .starts_with(&format!("regions.shop.{not_shown}: unknown setting"))
    );
    assert!(
        refused(&format!("regions = '{URL}'")).starts_with(&format!("regions: {not_shown} is not"))
    );
    let json = format!(r#"{{ "{URL}": 1, "{URL}": 2 }}"#);
    let text = RegionsConfig::from_json(&json).unwrap_err().to_string();
    assert!(!text.contains("s3cret"), "{text}");
}

#[tokio::test]
async fn an_error_of_a_connection_names_the_backend_without_what_is_secret() {
    let backend = Some(URL.replace("redis", "memory").parse().unwrap());
    let mut config = RegionsConfig::default();
    config.regions.insert("shop".to_owned(), RegionConfig { backend, ..RegionConfig::default() });
    let error = Regions::connect(config, &Schemes::new()).await.unwrap_err().to_string();
    assert!(error.contains("region=shop backend=memory://***@cache:6379,[::1]/0?token=***"));
    assert!(!error.contains("s3cret"), "{error}");
}
