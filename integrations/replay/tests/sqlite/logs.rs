//! What is logged of a replay.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use dogpile_replay::replay;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::support::{capture, live};

static LOGGED: Mutex<String> = Mutex::new(String::new());

struct Everything;

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.push_str(&format!("{field}={value:?} "));
    }
}

impl Subscriber for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn event(&self, event: &Event<'_>) {
        let mut logged = LOGGED.lock().unwrap_or_else(PoisonError::into_inner);
        event.record(&mut Fields(&mut logged));
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn neither_names_nor_values_are_logged() {
    let set = capture(&live("SELECT 'value-unseen' AS \"name-unseen\"").await);
    let _ = tracing::subscriber::set_global_default(Everything);
    assert_eq!(replay(&set).await.unwrap().len(), 1);
    // The subscriber does see what the driver logs.
    live("SELECT 1 AS seen").await;
    let logged = LOGGED.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert!(logged.contains("seen"), "{logged}");
    assert!(!logged.contains("unseen"), "{logged}");
    assert!(!logged.contains("cells"), "{logged}");
}
