//! The subscriber that hears the driver.

use std::fmt;
use std::sync::{Arc, Mutex, Once, PoisonError, Weak};
use std::thread;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::set_global_default;
use tracing::{Event, Metadata, Subscriber};

use super::Seen;

/// The target of the driver's events about statements.
const TARGET: &str = "sqlx::query";

/// Who wants to know. Entries of handles that are gone are removed by the next registration.
static WATCHERS: Mutex<Vec<Weak<Seen>>> = Mutex::new(Vec::new());

/// Set when [`Recorder`] is the default subscriber of the process.
static INSTALLED: Once = Once::new();

/// Makes `seen` hear every statement from now on.
pub(super) fn register(seen: &Arc<Seen>) {
    INSTALLED.call_once(|| {
        let installed = set_global_default(Recorder);
        assert!(
            installed.is_ok(),
            "statements cannot be counted: another subscriber is the default"
        );
    });
    let mut watchers = WATCHERS.lock().unwrap_or_else(PoisonError::into_inner);
    watchers.retain(|watcher| watcher.strong_count() > 0);
    watchers.push(Arc::downgrade(seen));
}

/// Passes the driver's events on and is blind to all others, and to spans.
#[derive(Debug)]
struct Recorder;

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == TARGET
    }

    fn event(&self, event: &Event<'_>) {
        let mut statement = Statement::default();
        event.record(&mut statement);
        let level = *event.metadata().level();
        let current = thread::current();
        let watchers = WATCHERS.lock().unwrap_or_else(PoisonError::into_inner);
        for watcher in watchers.iter().filter_map(Weak::upgrade) {
            watcher.note(level, current.name().unwrap_or_default(), statement.sql());
        }
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// The fields of an event that hold the SQL: the whole of it where it is long, and otherwise only
/// the summary, which is the whole then.
#[derive(Debug, Default)]
struct Statement {
    summary: String,
    whole: String,
}

impl Statement {
    fn sql(&self) -> &str {
        let whole = self.whole.trim();
        if whole.is_empty() { &self.summary } else { whole }
    }

    fn keep(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => self.summary = value.into(),
            "db.statement" => self.whole = value.into(),
            _ => {}
        }
    }
}

impl Visit for Statement {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.keep(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.keep(field, &format!("{value:?}"));
    }
}
