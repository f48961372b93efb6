//! What a region tells: one event and one span for every lookup, without keys or values.

use std::fmt;
use std::sync::{Arc, Mutex};

use dogpile::observe::{ReasonKind, fields};
use dogpile::{
    Error, ErrorKind, Event, Invalidation, Observer, Outcome, Reason, Source, State, Tag, Tier,
    minutes, secs,
};
use futures_util::FutureExt;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};

use crate::support::{Polled, builder, made, timed};

type Made = Result<u8, Error>;

#[derive(Debug, Clone, Default)]
struct Heard(Arc<Mutex<Vec<Event>>>);

impl Observer for Heard {
    fn on_event(&self, region: &str, event: &Event) {
        assert_eq!(region, "test");
        self.0.lock().unwrap().push(*event);
    }
}

#[tokio::test]
async fn an_observer_hears_every_event_once() {
    let heard = Heard::default();
    let clock = dogpile::ManualClock::new();
    let region = builder().observer(heard.clone()).clock(clock.clone()).build().unwrap();
    let entry = || region.entry("k").tag("t");
    entry().get_or_create(async || made(7_u64)).await.unwrap();
    clock.advance(secs(3));
    entry().get::<u64>().await.unwrap();
    region.invalidate(["t"]).await.unwrap();
    let events = heard.0.lock().unwrap().clone();
    let [miss, stored, hit, invalidated] = events.as_slice() else { panic!("{events:?}") };
    let lookup = |outcome, tier, age, reason| Event::Lookup { outcome, tier, age, reason };
    assert_eq!(*miss, lookup(Outcome::Miss, None, None, Some(Reason::ABSENT)));
    assert!(matches!(stored, Event::Stored { weight, .. } if *weight > 8));
    assert_eq!(*hit, lookup(Outcome::Hit, Some(Tier::Local), Some(secs(3)), None));
    assert!(matches!(invalidated, Event::Invalidated { tags: 1, .. }));
}

/// Writes the fields of every span down, in the order in which they were recorded.
#[derive(Debug, Clone, Default)]
struct Spans {
    names: Arc<Mutex<Vec<&'static str>>>,
    declared: Arc<Mutex<Vec<&'static str>>>,
    fields: Arc<Mutex<Vec<String>>>,
    entered: Arc<Mutex<Vec<Id>>>,
}

impl Spans {
    fn text(&self) -> String {
        self.fields.lock().unwrap().join(" ")
    }

    /// The names of the spans that are entered now, the outermost first.
    fn entered(&self) -> Vec<String> {
        let names = self.names.lock().unwrap();
        let entered = self.entered.lock().unwrap();
        let index = |id: &Id| usize::try_from(id.into_u64() - 1).unwrap();
        entered.iter().map(|id| names[index(id)].to_owned()).collect()
    }
}

impl Visit for Spans {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.fields.lock().unwrap().push(format!("{field}={value:?}"));
    }
}

impl Subscriber for Spans {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_span() && metadata.target().starts_with("dogpile")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.fields.lock().unwrap().push(span.metadata().name().to_owned());
        let declared = span.metadata().fields().iter().map(|field| field.name());
        self.declared.lock().unwrap().extend(declared);
        span.record(&mut self.clone());
        let mut names = self.names.lock().unwrap();
        names.push(span.metadata().name());
        Id::from_u64(names.len() as u64)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &tracing::Event<'_>) {}

    fn enter(&self, id: &Id) {
        self.entered.lock().unwrap().push(id.clone());
    }

    fn exit(&self, id: &Id) {
        self.entered.lock().unwrap().retain(|entered| entered != id);
    }
}

#[tokio::test]
async fn a_lookup_is_one_span_without_key_or_value() {
    let spans = Spans::default();
    let _default = tracing::subscriber::set_default(spans.clone());
    let clock = dogpile::ManualClock::new();
    let region = builder().clock(clock.clone()).build().unwrap();
    let entry = || region.entry("a secret key").in_process();
    let create =
        || entry().get_or_create(|_| Some(0), async || made(String::from("a secret value")));
    create().await.unwrap();
    clock.advance(secs(2));
    create().await.unwrap();
    region.bypass(Reason::new("volatile_function"));
    assert_eq!(
        spans.text(),
        "dogpile.lookup dogpile.region=\"test\" otel.kind=\"internal\" \
         dogpile.outcome=\"miss\" dogpile.reason=\"absent\" \
         dogpile.create dogpile.region=\"test\" otel.kind=\"internal\" \
         dogpile.lookup dogpile.region=\"test\" otel.kind=\"internal\" \
         dogpile.outcome=\"hit\" dogpile.tier=\"local\" dogpile.age_ms=2000 \
         dogpile.lookup dogpile.region=\"test\" otel.kind=\"internal\" \
         dogpile.outcome=\"bypass\" dogpile.reason=\"volatile_function\""
    );
}

#[tokio::test]
async fn a_creation_is_one_span_that_says_how_it_failed() {
    let spans = Spans::default();
    let _default = tracing::subscriber::set_default(spans.clone());
    let region = builder().build().unwrap();
    let entry = || region.entry("k");
    let secret = || Error::new(ErrorKind::Config, "test", "a secret cause");
    entry().get_or_create(async || Err::<u8, _>(secret())).await.unwrap_err();
    let mut dropped = Polled::new(entry().get_or_create(std::future::pending::<Made>));
    dropped.pending();
    drop(dropped);
    let panics = async || -> Made { panic!("a secret panic") };
    let panicking = entry().get_or_create(panics);
    let panicking = std::panic::AssertUnwindSafe(panicking).catch_unwind().await;
    assert!(panicking.is_err());
    let text = spans.text();
    assert!(!text.contains("secret"), "{text}");
    let creations = text.split("dogpile.").filter_map(|span| span.strip_prefix("create "));
    assert_eq!(creations.count(), 3, "{text}");
    for cause in ["creator_error", "creator_dropped", "creator_panic"] {
        let ended = format!("otel.status_code=\"ERROR\" error.type=\"{cause}\"");
        assert_eq!(text.matches(&ended).count(), 1, "{cause} in {text}");
        assert_eq!(region.stats().count_of(ReasonKind::Failed, Reason::new(cause)), 1, "{cause}");
    }
}

#[tokio::test]
async fn a_value_that_cannot_be_weighed_is_a_failed_creation() {
    let region = builder().build().unwrap();
    let entry = region.entry("k").in_process();
    let weighing = entry.get_or_create(|_: &u8| panic!("no weight"), async || made(7));
    assert!(std::panic::AssertUnwindSafe(weighing).catch_unwind().await.is_err());
    let stats = region.stats();
    assert_eq!((stats.failed, stats.load.count()), (1, 1));
}

#[tokio::test]
async fn a_driver_sees_its_query_under_creation_and_lookup() {
    let spans = Spans::default();
    let _default = tracing::subscriber::set_default(spans.clone());
    let region = builder().build().unwrap();
    let within = region.entry("k").get_or_create(async || made(spans.entered())).await.unwrap();
    assert_eq!(*within, ["dogpile.lookup", "dogpile.create"]);
}

#[tokio::test]
async fn the_field_names_in_spans_are_those_of_the_page() {
    let spans = Spans::default();
    let _default = tracing::subscriber::set_default(spans.clone());
    let region = builder().build().unwrap();
    region.entry("k").get_or_create(async || made(1)).await.unwrap();
    let mut declared: Vec<_> = spans.declared.lock().unwrap().clone();
    declared.sort_unstable();
    declared.dedup();
    let mut listed = [
        fields::REGION,
        fields::OUTCOME,
        fields::TIER,
        fields::REASON,
        fields::AGE,
        fields::KIND,
        fields::STATUS,
        fields::ERROR,
    ];
    listed.sort_unstable();
    assert_eq!(declared, listed);
}

/// Every creation ends in exactly one of three ways, and its time is taken.
#[tokio::test]
async fn times_and_reasons_are_counted_exactly() {
    let (region, clock) = timed();
    let create = async |key: &'static str, seconds: u64, keep: bool| {
        let made = async || {
            clock.advance(secs(seconds));
            made(7_u64)
        };
        let entry = region.entry(key).in_process();
        entry.get_or_create(|_| keep.then_some(8), made).await.unwrap();
    };
    for (seconds, key) in [(1, "a"), (2, "b"), (3, "c")] {
        create(key, seconds, true).await;
    }
    create("d", 10, false).await;
    let mut dropped = Polled::new(region.entry("e").get_or_create(std::future::pending::<Made>));
    dropped.pending();
    clock.advance(secs(4));
    drop(dropped);
    region.set_reads(false);
    create("a", 100, true).await;
    let stats = region.stats();
    assert_eq!((stats.stored, stats.refused, stats.failed), (3, 1, 1));
    assert_eq!(stats.load.count(), 5, "a bypass is no creation");
    assert_eq!((stats.load.sum(), stats.load.max()), (secs(20), secs(10)));
    assert_eq!(stats.load.mean(), secs(4));
    assert_eq!(stats.lock_wait.count(), 0);
    let reasons: Vec<_> =
        stats.reasons().map(|held| (held.kind, held.reason, held.count)).collect();
    assert_eq!(
        reasons,
        [
            (ReasonKind::Miss, Reason::ABSENT, 5),
            (ReasonKind::Bypass, Reason::DISABLED, 1),
            (ReasonKind::Refused, Reason::UNWANTED, 1),
            (ReasonKind::Failed, Reason::CREATOR_DROPPED, 1),
        ]
    );
    assert_eq!(stats.to_string(), "6 lookups = 0 hits + 0 stale + 5 misses + 1 bypasses");
}

#[tokio::test]
async fn stats_print_as_a_table() {
    let (region, clock) = timed();
    for _ in 0..3 {
        let slow = async || {
            clock.advance(secs(2));
            made(7_u64)
        };
        region.entry("k").get_or_create(slow).await.unwrap();
    }
    region.bypass(Reason::new("volatile_function"));
    let table = format!("{:#}", region.stats());
    let weight = region.stats().weight;
    assert_eq!(
        table,
        format!(
            "lookups            4\n\
             \x20 hits             2   50.0 %\n\
             \x20 stale            0    0.0 %\n\
             \x20 misses           1   25.0 %  absent 1\n\
             \x20 bypasses         1   25.0 %  volatile_function 1\n\
             creations           1, mean 2 s, 99 % within 2 s, longest 2 s\n\
             \x20 stored            1\n\
             \x20 refused           0\n\
             \x20 failed            0\n\
             \x20 fell back         0\n\
             \x20 unlocked          0\n\
             lock waits          0\n\
             invalidated tags    0\n\
             degraded writes     0\n\
             backend failures    0\n\
             rejected entries    0\n\
             refused refreshes   0\n\
             backend bytes       0 B read, 0 B written\n\
             at present          1 entries, {weight} B, 0 flights"
        )
    );
}

#[tokio::test]
async fn every_invalidation_says_what_it_came_from() {
    let heard = Heard::default();
    let region = builder().observer(heard.clone()).build().unwrap();
    region.invalidate(["t"]).await.unwrap();
    region.entry("k").set(7).await.unwrap();
    region.entry("k").delete().await.unwrap();
    region.invalidate_all(Invalidation::Soft).await.unwrap();
    region.write_guard(Tag::table("t")).bump().await.unwrap();
    drop(region.write_guard(Tag::table("t")));
    region.write_guard(Tag::table("t")).discard();
    let heard = heard.0.lock().unwrap();
    let sources: Vec<_> = heard
        .iter()
        .filter_map(|event| match event {
            Event::Invalidated { source, .. } => Some(*source),
            _ => None,
        })
        .collect();
    use Source::{Call, Key, Region, Write};
    assert_eq!(sources, [Call, Key, Key, Region, Write, Write]);
}

#[tokio::test]
async fn an_explanation_follows_the_life_of_its_entry() {
    let (region, clock) = timed();
    let entry = || region.entry(("page", "a b")).tag("pages");
    let explained = async || entry().explain().await.to_string();
    let head = "page:a%20b\n  cached     yes, region test\n  key        test:page:a%20b\n\
                \x20 tags       pages, key:test:page:a%20b, region:test\n";
    assert_eq!(
        explained().await,
        format!(
            "{head}  life       fresh for 5m once it is created, then stale for 5m\n\
             \x20 last       none that may be served: absent"
        )
    );
    let (go, wait) = tokio::sync::oneshot::channel::<()>();
    let create = async || {
        clock.advance(secs(3));
        wait.await.unwrap();
        made(String::from("<h1>"))
    };
    let mut creating = Polled::new(entry().get_or_create(create));
    assert!(!entry().is_being_created());
    creating.pending();
    assert!(entry().is_being_created());
    assert!((0..100).all(|other| !region.entry(other).is_being_created()));
    assert!(explained().await.ends_with("\n  now        somebody is creating it"));
    go.send(()).unwrap();
    creating.ready().unwrap();
    drop(creating);
    assert!(!entry().is_being_created());

    clock.advance(secs(45));
    let weight = entry().inspect().await.held.unwrap().weight;
    let held = |age: &str| format!("{age} old, created in 3 s, {weight} B");
    assert_eq!(
        explained().await,
        format!(
            "{head}  life       fresh 4m12s more, then stale for 5m\n  last       hit, {}",
            held("48 s")
        )
    );
    clock.advance(minutes(5));
    assert_eq!(
        explained().await,
        format!(
            "{head}  life       stale for 4m12s more: expired\n  last       stale, {}",
            held("5m48s")
        )
    );
    region.invalidate(["pages"]).await.unwrap();
    let last = format!("none that may be served: invalidated, {}", held("5m48s"));
    assert!(explained().await.ends_with(&last), "{}", explained().await);
    region.set_reads(false);
    let off = "cached     no: region test is disabled\n  mend       region.set_reads(true)\n";
    assert!(explained().await.contains(off), "{}", explained().await);
    let stats = region.stats();
    assert_eq!((stats.lookups, stats.misses), (1, 1), "explaining is not looking up");
}

#[tokio::test]
async fn what_is_left_of_a_soft_invalidated_entry_is_said() {
    let (region, clock) = timed();
    region.entry("k").tag("t").get_or_create(async || made(7)).await.unwrap();
    clock.advance(minutes(1));
    region.invalidate_with(Invalidation::Soft, ["t"]).await.unwrap();
    let inspection = region.entry("k").tag("t").inspect().await;
    assert_eq!(inspection.state, State::Stale(Reason::SOFTLY_INVALIDATED));
    let held = inspection.held.unwrap();
    assert_eq!((held.fresh_for, held.stale_for), (secs(0), minutes(9)));
}
