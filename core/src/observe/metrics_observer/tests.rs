//! What reaches a recorder.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use metrics_util::MetricKind;
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};

use crate::observe::series::{self, SeriesKind};
use crate::observe::{Direction, Event, MetricsObserver, Observer, Outcome, Reason, Source};
use crate::{Error, ErrorKind, Invalidation, ManualClock, Region, TagSpace, minutes, secs};

/// Every series with its labels in one line, and its value.
fn read(snapshotter: &Snapshotter) -> BTreeMap<String, String> {
    let snapshot = snapshotter.snapshot().into_vec();
    let lines = snapshot.into_iter().map(|(key, _, _, value)| {
        let labels: Vec<_> = key.key().labels().map(|label| label.value().to_owned()).collect();
        let value = match value {
            DebugValue::Counter(n) => n.to_string(),
            DebugValue::Gauge(n) => n.to_string(),
            DebugValue::Histogram(all) => {
                all.iter().map(|n| n.to_string()).collect::<Vec<_>>().join(" ")
            }
        };
        (format!("{} {}", key.key().name(), labels.join(" ")), value)
    });
    lines.collect()
}

/// A script of every kind of event that a memory region has.
async fn script(metrics: MetricsObserver) -> Region {
    let clock = ManualClock::new();
    let builder = Region::builder("shop").ttl(minutes(5)).stale_for(minutes(5)).jitter(0.0);
    let builder = builder.clock(clock.clone()).tag_space(TagSpace::new(1_000)).max_value(4_096);
    let region = builder.observer(metrics).build().unwrap();
    let create = async |size: usize| {
        let made = async || {
            clock.advance(secs(2));
            Ok::<_, Error>("x".repeat(size))
        };
        region.entry("k").tag("t").get_or_create(made).await.unwrap();
    };
    create(10).await; // miss: absent, stored
    create(10).await; // hit
    create(10).await; // hit
    clock.advance(minutes(6));
    create(10).await; // stale: expired, stored
    region.invalidate(["t"]).await.unwrap();
    create(10_000).await; // miss: invalidated, refused
    region.invalidate_with(Invalidation::Soft, ["a", "b"]).await.unwrap();
    region.entry("k").delete().await.unwrap();
    drop(region.write_guard(crate::Tag::table("orders")));
    region.invalidate_all(Invalidation::Hard).await.unwrap();
    let error = || Error::new(ErrorKind::Config, "test", "no");
    let failing = region.entry("e").get_or_create(async || Err::<u8, _>(error()));
    failing.await.unwrap_err(); // miss: absent, failed
    region.set_reads(false);
    create(10).await; // bypass: disabled
    region.bypass(Reason::new("volatile_function"));
    region.unlocked(Reason::LEADER_TIMEOUT, async {}).await;
    region
}

#[test]
fn s208_a_script_is_told_to_the_recorder_exactly() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    metrics::with_local_recorder(&recorder, || {
        let metrics = MetricsObserver::new();
        let region = runtime.block_on(script(metrics.clone()));
        metrics.sample(&region);
    });
    let seen = read(&snapshotter);
    let expected = [
        ("dogpile_lookups_total shop hit local none", "2"),
        ("dogpile_lookups_total shop stale none expired", "1"),
        ("dogpile_lookups_total shop miss none absent", "2"),
        ("dogpile_lookups_total shop miss none invalidated", "1"),
        ("dogpile_lookups_total shop bypass none disabled", "1"),
        ("dogpile_lookups_total shop bypass none volatile_function", "1"),
        ("dogpile_creations_total shop stored none", "2"),
        ("dogpile_creations_total shop refused too_large", "1"),
        ("dogpile_creations_total shop failed creator_error", "1"),
        ("dogpile_load_seconds shop stored", "2 2"),
        ("dogpile_load_seconds shop refused", "2"),
        ("dogpile_load_seconds shop failed", "0"),
        ("dogpile_lock_wait_seconds shop", ""),
        ("dogpile_unlocked_total shop leader_timeout", "1"),
        ("dogpile_invalidations_total shop call hard", "1"),
        ("dogpile_invalidations_total shop call soft", "1"),
        ("dogpile_invalidations_total shop key hard", "1"),
        ("dogpile_invalidations_total shop write hard", "1"),
        ("dogpile_invalidations_total shop region hard", "1"),
        ("dogpile_invalidated_tags_total shop call soft", "2"),
        ("dogpile_entries shop", "1"),
        ("dogpile_flights shop", "0"),
    ];
    for (series, value) in expected {
        assert_eq!(seen.get(series).map(String::as_str), Some(value), "{series} of {seen:#?}");
    }
    let lookups = seen.keys().filter(|series| series.starts_with("dogpile_lookups_total"));
    assert_eq!(lookups.count(), 6, "lookups that did not happen: {seen:#?}");
}

fn every_event() -> Vec<Event> {
    let (reason, took) = (Reason::OTHER, Duration::from_millis(1));
    let lookup = |outcome| Event::Lookup { outcome, tier: None, age: None, reason: Some(reason) };
    vec![
        lookup(Outcome::Hit),
        lookup(Outcome::Stale),
        lookup(Outcome::Miss),
        lookup(Outcome::Bypass),
        Event::Lookup { outcome: Outcome::Miss, tier: None, age: None, reason: None },
        Event::Stored { created_in: took, weight: 1 },
        Event::Refused { reason, created_in: took },
        Event::Failed { reason, after: took },
        Event::FellBack { reason },
        Event::Unlocked { reason },
        Event::LeaseWaited { waited: took },
        Event::Invalidated { tags: 1, how: Invalidation::Soft, source: Source::Call },
        Event::BackendFailed { operation: "read", reason },
        Event::Rejected { reason },
        Event::BackendBytes { direction: Direction::Read, bytes: 1 },
        Event::BackendBytes { direction: Direction::Written, bytes: 1 },
        Event::BackgroundRefused { reason },
        Event::Degraded { reason },
    ]
}

#[test]
fn every_series_sent_is_in_the_list_and_every_one_of_the_list_is_sent() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    metrics::with_local_recorder(&recorder, || {
        let metrics = MetricsObserver::new();
        for event in every_event() {
            for region in ["one", "two"] {
                metrics.on_event(region, &event);
            }
        }
        assert_eq!(format!("{metrics:?}"), r#"{"one", "two"}"#);
    });
    let mut sent = BTreeSet::new();
    for (key, unit, meaning, value) in snapshotter.snapshot().into_vec() {
        let name = key.key().name();
        let series = series::ALL.iter().find(|series| series.name == name);
        let series = series.unwrap_or_else(|| panic!("{name} is not in the list"));
        let kind = match key.kind() {
            MetricKind::Counter => SeriesKind::Counter,
            MetricKind::Gauge => SeriesKind::Gauge,
            MetricKind::Histogram => SeriesKind::Histogram,
        };
        let labels: Vec<_> = key.key().labels().map(metrics::Label::key).collect();
        assert_eq!((kind, &*labels, unit), (series.kind, series.labels, Some(series.unit)));
        assert_eq!(meaning.as_deref(), Some(series.meaning));
        let silent = matches!(&value, DebugValue::Counter(0));
        assert!(!silent, "{key:?} was not counted");
        sent.insert(name.to_owned());
    }
    let listed: BTreeSet<_> = series::ALL.iter().map(|series| series.name.to_owned()).collect();
    assert_eq!(sent, listed);
}

#[test]
fn names_follow_one_rule() {
    for series in series::ALL {
        assert!(series.name.starts_with("dogpile_"));
        let total = series.kind == SeriesKind::Counter;
        assert_eq!(series.name.ends_with("_total"), total, "{}", series.name);
        assert_eq!(series.labels.first(), Some(&"region"), "{}", series.name);
    }
}
