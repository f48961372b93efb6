//! What the region and the operator are told of an outage.

use std::fmt;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use super::{Act, Down, Fake, LinkEvent, Operation, alone, open, others_run, owe, pass, region};
use crate::units::{millis, minutes, secs};

/// Writes down what is logged at `INFO` and above.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = if field.name() == "message" {
            format!(" {value:?}")
        } else {
            format!(" {field}={value:?}")
        };
        self.0.push_str(&text);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.push_str(&format!(" {field}={value}"));
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= Level::INFO
    }

    fn event(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        let mut line = Line(format!("{} {}:", metadata.level(), metadata.target()));
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_two_lines_in_the_log() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let (backend, link) = alone();
    open(&backend, &link).await;
    backend.usually(Act::Fail);
    drop(owe(&link, &["a", "b"]));
    drop(owe(&link, &["c"]));
    pass(minutes(1)).await;
    let _ = link.read(&["k"], &["x"]).await;
    backend.usually(Act::Answer);
    pass(minutes(1)).await;
    let lines = std::mem::take(&mut *log.0.lock().unwrap());
    let [unavailable, back] = lines.as_slice() else { panic!("{lines:#?}") };
    assert_eq!(
        unavailable,
        "WARN dogpile: backend unavailable, reading from the database \
         region=shop backend=fake failures=5 retry_in=1s"
    );
    let (begin, end) = back.split_once("down=").unwrap();
    assert_eq!(begin, "INFO dogpile: backend is back region=shop backend=fake ");
    assert!(end.ends_with("s owed_invalidations=3 delivered=3"), "{end}");
    let seconds: u64 = end.split('s').next().unwrap().parse().unwrap();
    assert!((60..=65 + 35).contains(&seconds), "{seconds}");
}

#[tokio::test(start_paused = true)]
async fn every_region_on_a_backend_hears_of_its_outage_once() {
    let backend = Fake::new();
    let (link, heard) = region("shop", &backend);
    let (_other, other_heard) = region("other", &backend.again());
    open(&backend, &link).await;
    pass(secs(2)).await;
    link.read(&[], &[]).await.unwrap();
    let failed = LinkEvent::Failed { operation: Operation::Read, down: Down::Error };
    let opened = LinkEvent::Opened { failures: 5, retry_in: secs(1) };
    let recovered = LinkEvent::Recovered { down_for: secs(2), owed: 0, delivered: 0 };
    assert_eq!(heard.take(), [failed, failed, failed, failed, failed, opened, recovered]);
    assert_eq!(other_heard.take(), [opened, recovered]);
}

#[tokio::test(start_paused = true)]
async fn a_recovery_that_is_cut_short_says_how_far_it_came() {
    let backend = Fake::new();
    let (link, heard) = region("shop", &backend);
    open(&backend, &link).await;
    *backend.poison.lock().unwrap() = Some("t".into());
    drop(owe(&link, &["t"]));
    pass(millis(1_200)).await;
    // The bump is poisoned; a read closes the breaker all the same.
    while link.read(&[], &[]).await.is_err() {
        pass(millis(100)).await;
    }
    let recovered =
        |event: &LinkEvent| matches!(event, LinkEvent::Recovered { owed: 1, delivered: 0, .. });
    assert_eq!(heard.count(recovered), 0, "something is owed still");
    backend.usually(Act::Fail);
    for _ in 0..5 {
        assert!(link.read(&[], &[]).await.is_err());
    }
    assert_eq!(heard.count(recovered), 1);
    assert_eq!(heard.count(|event| matches!(event, LinkEvent::Opened { .. })), 2);
}

#[tokio::test(start_paused = true)]
async fn i8_a_listener_that_panics_harms_nobody() {
    let backend = Fake::new();
    let (link, heard) = region("shop", &backend);
    let settings = super::LinkSettings {
        report: Arc::new(|_: &LinkEvent| panic!("told to panic")),
        ..link.member.settings.clone()
    };
    let loud = super::Link::new(Arc::clone(&backend) as _, settings, "region:loud".into());
    backend.then([Act::Fail]);
    assert_eq!(loud.read(&[], &[]).await, Err(Down::Error));
    assert!(loud.read(&[], &[]).await.is_ok());
    open(&backend, &link).await;
    assert_eq!(heard.count(|event| matches!(event, LinkEvent::Opened { .. })), 1);
    drop(owe(&loud, &["t"]));
    pass(secs(5)).await;
    assert!(!loud.owes(["t"]));
    others_run().await;
    super::assert_at_rest(&loud);
}
