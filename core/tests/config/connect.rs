//! From settings to regions.

use std::sync::{Arc, Mutex};

use dogpile::config::{RegionConfig, RegionsConfig, Schemes};
use dogpile::{Error, ErrorKind, ManualClock, Region, Regions, minutes};

/// Schemes with one, `counted`, that says which URLs it connected.
fn counted() -> (Schemes, Arc<Mutex<Vec<String>>>) {
    let connected = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&connected);
    let schemes = Schemes::new().register("counted", move |url| {
        seen.lock().unwrap().push(url.to_string());
        let reachable = url.path() != "/down";
        Box::pin(async move {
            if !reachable {
                return Err(Error::new(ErrorKind::Unavailable, "connect backend", "it is down"));
            }
            Schemes::new().connect(&"memory://".parse()?).await
        })
    });
    (schemes, connected)
}

async fn connect(toml: &str, schemes: &Schemes) -> dogpile::Result<Regions> {
    Regions::connect(RegionsConfig::from_toml(toml)?, schemes).await
}

async fn refused(toml: &str) -> String {
    connect(toml, &Schemes::new()).await.unwrap_err().to_string()
}

#[tokio::test]
async fn every_region_of_the_settings_is_there_by_name() {
    let toml = "[defaults]\nttl = '5m'\n[regions.shop]\n[regions.users]\nbackend = 'memory://'";
    let regions = connect(toml, &Schemes::new()).await.unwrap();
    assert!(regions.names().eq(["shop", "users"]));
    assert!(regions.iter().map(Region::name).eq(["shop", "users"]));
    assert_eq!(
        regions.get("shpo").unwrap_err().to_string(),
        "configuration: find region: there is no region \"shpo\"; there are: shop, users"
    );
    let nothing = connect("", &Schemes::new()).await.unwrap();
    assert_eq!(
        nothing.get("shop").unwrap_err().to_string(),
        "configuration: find region: there is no region \"shop\"; there are: none"
    );
}

#[tokio::test]
async fn settings_reach_the_region() {
    let toml = "[regions.shop]\nttl = '5m'\njitter = 0\nmax_tags = 1\n\
                mangler = { prefix = 'v2:', limit = 12 }";
    let clock = ManualClock::new();
    let finish = |name: &str, builder: dogpile::RegionBuilder| {
        assert_eq!(name, "shop");
        builder.clock(clock.clone())
    };
    let config = RegionsConfig::from_toml(toml).unwrap();
    let regions = Regions::connect_with(config, &Schemes::new(), finish).await.unwrap();
    let shop = regions.get("shop").unwrap();
    assert_eq!(name_of(shop, "short").await, "v2:short");
    let long = name_of(shop, "more than twelve").await;
    assert!(long.starts_with("v2:#h") && long.len() == 37, "{long}");

    let created = async || Ok::<_, Error>(1);
    shop.entry("a").tag("x").get_or_create(created).await.unwrap();
    assert_eq!(shop.entry("a").tag("x").get::<i32>().await.as_deref(), Some(&1));
    clock.advance(minutes(5));
    assert!(shop.entry("a").tag("x").get::<i32>().await.is_none(), "the ttl did not arrive");
    shop.entry("b").tag("x").tag("y").get_or_create(created).await.unwrap();
    assert!(shop.entry("b").tag("x").tag("y").get::<i32>().await.is_none(), "max_tags did not");
}

/// What a region's mangler makes of `key`.
async fn name_of(region: &Region, key: &'static str) -> String {
    region.entry(key).inspect().await.key
}

#[tokio::test]
async fn regions_that_name_one_url_share_one_backend() {
    let (schemes, connected) = counted();
    let toml = "[defaults]\nttl = '5m'\nbackend = 'counted://a/0'\n[regions.one]\n[regions.two]\n\
                [regions.three]\nbackend = 'COUNTED://%61/0'\n\
                [regions.four]\nbackend = 'counted://u@a/0'";
    connect(toml, &schemes).await.unwrap();
    assert_eq!(*connected.lock().unwrap(), ["counted://***@a/0", "counted://a/0"]);
}

#[tokio::test]
async fn one_region_that_cannot_be_had_is_an_error_that_names_it() {
    let (schemes, _) = counted();
    let toml = "[defaults]\nttl = '5m'\n[regions.good]\nbackend = 'counted://a'\n\
                [regions.lost]\nbackend = 'counted://:pw@a/down'";
    let error = connect(toml, &schemes).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(
        error.to_string(),
        "unavailable: connect backend: it is down region=lost backend=counted://***@a/down"
    );
    assert_eq!(
        refused("[regions.'the shop']").await,
        "configuration: build region: ttl is not set; say how long a value is fresh: \
         .ttl(minutes(5)) region=\"the shop\""
    );
    assert_eq!(
        refused("[regions.shop]\nttl = '5m'\nbackend = 'redis://:pw@cache'").await,
        "configuration: connect backend: no backend is registered for `redis`; add the crate \
         dogpile-redis and register its scheme. Registered are: memory, null \
         region=shop backend=redis://***@cache"
    );
}

#[tokio::test]
async fn nothing_is_connected_when_a_later_region_can_be_seen_to_be_wrong() {
    let later = ["backend = 'ftp://h'", "coherence = 'push'"];
    for wrong in later {
        let (schemes, connected) = counted();
        let toml = format!(
            "[defaults]\nttl = '5m'\n[regions.a]\nbackend = 'counted://a'\n[regions.b]\n{wrong}"
        );
        assert!(connect(&toml, &schemes).await.is_err());
        assert!(connected.lock().unwrap().is_empty(), "{wrong}");
    }
}

#[tokio::test]
async fn regions_built_before_one_that_fails_are_let_go() {
    let schemes = Schemes::new().register("down", |_| {
        Box::pin(async { Err(Error::new(ErrorKind::Unavailable, "connect backend", "down")) })
    });
    let held = Arc::new(());
    let mut clock = Some(Held(Arc::clone(&held), ManualClock::new()));
    let toml = "[defaults]\nttl = '5m'\n[regions.a]\n[regions.b]\nbackend = 'down://'";
    let config = RegionsConfig::from_toml(toml).unwrap();
    let result = Regions::connect_with(config, &schemes, |name, builder| match clock.take() {
        Some(clock) if name == "a" => builder.clock(clock),
        _ => builder,
    });
    assert!(result.await.is_err());
    assert!(clock.is_none(), "region a was never described");
    assert_eq!(Arc::strong_count(&held), 1, "a region of a failed connect is still alive");
}

#[derive(Debug)]
struct Held(#[expect(dead_code, reason = "held, not read")] Arc<()>, ManualClock);

impl dogpile::Clock for Held {
    fn now(&self) -> dogpile::Tick {
        self.1.now()
    }
}

#[tokio::test]
async fn a_setting_that_cannot_be_had_is_refused_and_not_ignored() {
    let config: RegionConfig = toml::from_str("ttl = '5m'\ncoherence = 'push'").unwrap();
    let error = config.apply(Region::builder("shop")).unwrap().build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "configuration: build region: coherence is about copies of what a backend has; give a \
         backend and local"
    );
}
