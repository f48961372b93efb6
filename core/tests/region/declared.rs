//! Regions that are declared first and configured later.

use std::sync::atomic::{AtomicUsize, Ordering};

use dogpile::{AsRegion, DeclaredRegion, ErrorKind, Region, minutes};
use tracing::span::{Attributes, Id, Record};
use tracing::{Level, Metadata, Subscriber};

#[test]
fn a_declared_region_is_configured_once() {
    static SHOP: DeclaredRegion = DeclaredRegion::new("shop");
    assert!(!SHOP.is_configured());
    let built = || SHOP.builder().ttl(minutes(5)).build().unwrap();
    assert_eq!(SHOP.configure(built()).unwrap().name(), "shop");
    let error = SHOP.configure(built()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(
        error.to_string(),
        "configuration: configure region: the region is configured already; configure it in one \
         place, at start-up region=shop"
    );
    assert!(SHOP.is_configured());
}

#[test]
fn a_declared_region_takes_no_region_of_another_name() {
    static SHOP: DeclaredRegion = DeclaredRegion::new("shop");
    let error = SHOP.configure(Region::builder("ship").ttl(minutes(5)).build().unwrap());
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().ends_with("region=shop given=ship"), "{error}");
    assert!(!SHOP.is_configured());
}

#[derive(Debug, Default)]
struct Warnings(AtomicUsize);

impl Subscriber for &'static Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::WARN && metadata.target().starts_with("dogpile")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &tracing::Event<'_>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[test]
fn calls_before_the_configuration_are_counted_and_warned_about_once() {
    static SHOP: DeclaredRegion = DeclaredRegion::new("shop");
    static WARNINGS: Warnings = Warnings(AtomicUsize::new(0));
    let _default = tracing::subscriber::set_default(&WARNINGS);
    for _ in 0..3 {
        assert!(SHOP.as_region().is_none());
    }
    assert!(SHOP.get().is_none());
    assert_eq!(SHOP.bypasses(), 3);
    assert_eq!(WARNINGS.0.load(Ordering::SeqCst), 1);
    SHOP.configure(SHOP.builder().ttl(minutes(5)).build().unwrap()).unwrap();
    assert!(SHOP.as_region().is_some());
    assert_eq!(SHOP.bypasses(), 3);
}
