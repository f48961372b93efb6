//! Regions on the backend.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dogpile::config::{RegionsConfig, Schemes};
use dogpile::{Region, Regions, minutes, secs};
use dogpile_redis::RedisBackend;

use crate::support::Server;

/// A region of its own handle: another process, as it were.
fn region(server: &Server) -> Region {
    let backend = RedisBackend::open(&server.url()).unwrap();
    Region::builder("shop").ttl(minutes(5)).op_timeout(secs(2)).backend(backend).build().unwrap()
}

#[derive(Default)]
struct Creator(AtomicUsize);

impl Creator {
    async fn ask(&self, region: &Region) -> usize {
        let create = async || Ok::<_, dogpile::Error>(self.0.fetch_add(1, Ordering::SeqCst));
        *region.entry("k").tag("t").get_or_create(create).await.unwrap()
    }
}

#[tokio::test]
async fn what_one_creates_the_other_is_served_until_it_is_invalidated() {
    let server = Server::start();
    let (one, two) = (region(&server), region(&server));
    let creator = Creator::default();
    // The very first call on a handle that was never connected is one like any other.
    assert_eq!(creator.ask(&one).await, 0);
    assert_eq!(creator.ask(&one).await, 0);
    assert_eq!(creator.ask(&two).await, 0);
    one.invalidate(["t"]).await.unwrap();
    assert_eq!(creator.ask(&two).await, 1);
    assert_eq!(creator.ask(&one).await, 1);
}

#[tokio::test]
async fn a_crowd_of_two_handles_has_one_creator() {
    let server = Server::start();
    let (one, two) = (region(&server), region(&server));
    let creator = Arc::new(Creator::default());
    let mut crowd = tokio::task::JoinSet::new();
    for n in 0..100 {
        let region = if n % 2 == 0 { one.clone() } else { two.clone() };
        let creator = Arc::clone(&creator);
        crowd.spawn(async move { creator.ask(&region).await });
    }
    assert!(crowd.join_all().await.into_iter().all(|value| value == 0));
}

#[tokio::test]
async fn a_region_goes_on_while_the_server_is_down_and_is_served_again_after() {
    let server = Server::start();
    let region = region(&server);
    let creator = Creator::default();
    assert_eq!(creator.ask(&region).await, 0);
    server.kill();
    assert_eq!(creator.ask(&region).await, 1);
    server.run();
    let mut value = creator.ask(&region).await;
    for _ in 0..1_000 {
        let next = creator.ask(&region).await;
        if next == std::mem::replace(&mut value, next) {
            return;
        }
        tokio::time::sleep(dogpile::millis(10)).await;
    }
    panic!("nothing is cached after the restart");
}

#[tokio::test]
async fn regions_are_made_from_urls() {
    let server = Server::start();
    let file = format!("[regions.shop]\nttl = \"5m\"\nbackend = \"{}?prefix=cfg\"", server.url());
    let config = RegionsConfig::from_toml(&file).unwrap();
    let schemes = dogpile_redis::register(Schemes::new());
    let regions = Regions::connect(config, &schemes).await.unwrap();
    assert_eq!(Creator::default().ask(regions.get("shop").unwrap()).await, 0);
    assert!(server.cli(&["KEYS", "cfg:e:*"]).starts_with("cfg:e:{."));
    let absent = Server::absent();
    let url = absent.url().parse().unwrap();
    assert!(schemes.connect(&url).await.is_ok(), "a server that is down is no error");
    let url = format!("{}?prefx=cfg", server.url()).parse().unwrap();
    let error = schemes.connect(&url).await.unwrap_err();
    assert!(error.to_string().contains("did you mean `prefix`"), "{error}");
}

#[tokio::test]
async fn every_scheme_that_is_not_registered_is_said_to_be_of_this_crate() {
    let ours = dogpile_redis::register(Schemes::new());
    let builtin = Schemes::new();
    let ours = ours.names().filter(|name| !builtin.names().any(|other| other == *name));
    let ours: Vec<_> = ours.map(|name| format!("{name}://a").parse().unwrap()).collect();
    assert_eq!(ours.len(), 20);
    for url in ours {
        let error = builtin.connect(&url).await.unwrap_err().to_string();
        assert!(error.contains("add the crate dogpile-redis"), "{error}");
    }
}
