//! Counts what the driver really sent, from the events it reports.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::{fmt, thread};

use sqlx::sqlite::SqliteConnectOptions;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Every statement of this process: the thread that ran it, and the beginning of its SQL.
static SENT: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());

/// The statements of one pool. Its connections run on threads whose names tell them apart.
#[derive(Debug, Clone)]
pub(crate) struct Statements {
    threads: String,
}

impl Statements {
    /// Marks the connections made from `options`.
    pub(crate) fn of(options: SqliteConnectOptions) -> (Self, SqliteConnectOptions) {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        static INSTALL: Once = Once::new();
        INSTALL.call_once(|| {
            assert!(tracing::subscriber::set_global_default(Listener).is_ok(), "not the first");
        });
        let threads = format!("proof-{}-", NEXT.fetch_add(1, Ordering::Relaxed));
        let name = threads.clone();
        (Self { threads }, options.thread_name(move |number| format!("{name}{number}")))
    }

    /// How many statements were sent whose SQL begins with `sql`.
    pub(crate) fn count(&self, sql: &str) -> usize {
        let ours = |(thread, sent): &&(String, String)| {
            thread.starts_with(&self.threads) && sent.starts_with(sql)
        };
        sent().iter().filter(ours).count()
    }
}

fn sent() -> MutexGuard<'static, Vec<(String, String)>> {
    SENT.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Listener;

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }

    fn event(&self, event: &Event<'_>) {
        let mut summary = Summary::default();
        event.record(&mut summary);
        let thread = thread::current().name().unwrap_or_default().to_owned();
        sent().push((thread, summary.0));
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// The first words of a statement, as the driver reports them.
#[derive(Default)]
struct Summary(String);

impl Visit for Summary {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "summary" {
            self.0 = value.to_owned();
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}
