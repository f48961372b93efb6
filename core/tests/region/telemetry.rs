//! What a region tells: one event and one span for every lookup, without keys or values.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use dogpile::{Event, Observer, Outcome, Reason, secs};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};

use crate::support::{builder, made};

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
    let lookup = |outcome, age, reason| Event::Lookup { outcome, age, reason };
    assert_eq!(*miss, lookup(Outcome::Miss, None, Some(Reason::ABSENT)));
    assert!(matches!(stored, Event::Stored { weight, .. } if *weight > 8));
    assert_eq!(*hit, lookup(Outcome::Hit, Some(secs(3)), None));
    assert!(matches!(invalidated, Event::Invalidated { tags: 1, .. }));
}

/// Writes the fields of every span down, in the order in which they were recorded.
#[derive(Debug, Clone, Default)]
struct Spans {
    next: Arc<AtomicU64>,
    fields: Arc<Mutex<Vec<String>>>,
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
        span.record(&mut self.clone());
        Id::from_u64(self.next.fetch_add(1, Ordering::SeqCst) + 1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &tracing::Event<'_>) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
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
    let fields = spans.fields.lock().unwrap().join(" ");
    assert_eq!(
        fields,
        "dogpile.lookup region=\"test\" outcome=\"miss\" reason=\"absent\" \
         dogpile.lookup region=\"test\" outcome=\"hit\" age_ms=2000"
    );
}
