//! What the database was asked, from the driver's own statement events.
//!
//! The driver emits one `tracing` event with the target `sqlx::query` for each statement it has
//! run, on a thread of its own. They are noted only while somebody listens.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{Interest, set_global_default};
use tracing::{Event, Metadata, Subscriber};

use crate::figures::one_line;

/// Longer than a statement's event lags behind its last row.
const SETTLE: Duration = Duration::from_millis(20);

/// A statement that the driver ran.
#[derive(Clone, Debug, Default)]
pub(crate) struct Statement {
    sql: String,
    pub(crate) took: Duration,
}

impl Statement {
    pub(crate) fn is(&self, sql: &str) -> bool {
        one_line(&self.sql) == one_line(sql)
    }
}

/// The driver's statement events.
#[derive(Clone, Debug, Default)]
pub(crate) struct Statements(Arc<Noted>);

#[derive(Debug, Default)]
struct Noted {
    listening: AtomicBool,
    statements: Mutex<Vec<Statement>>,
}

impl Noted {
    fn statements(&self) -> MutexGuard<'_, Vec<Statement>> {
        self.statements.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Statements {
    /// Takes the place of the process's `tracing` subscriber.
    pub(crate) fn subscribe() -> Self {
        let statements = Self::default();
        // Fails where there is a subscriber already, and nothing here sets another one.
        let _ = set_global_default(Listener(Arc::clone(&statements.0)));
        statements
    }

    /// Notes statements from here on.
    pub(crate) fn listen(&self) {
        self.0.statements().clear();
        self.0.listening.store(true, Ordering::SeqCst);
    }

    /// What was run since.
    pub(crate) async fn heard(&self) -> Vec<Statement> {
        tokio::time::sleep(SETTLE).await;
        self.0.listening.store(false, Ordering::SeqCst);
        std::mem::take(&mut *self.0.statements())
    }
}

/// Hears statement events and nothing else.
struct Listener(Arc<Noted>);

impl Subscriber for Listener {
    fn register_callsite(&self, callsite: &'static Metadata<'static>) -> Interest {
        if callsite.target() == "sqlx::query" { Interest::sometimes() } else { Interest::never() }
    }

    fn enabled(&self, event: &Metadata<'_>) -> bool {
        event.target() == "sqlx::query" && self.0.listening.load(Ordering::Relaxed)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::DEBUG)
    }

    fn event(&self, event: &Event<'_>) {
        let mut statement = Statement::default();
        event.record(&mut statement);
        self.0.statements().push(statement);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// A statement of four words or fewer is its own summary.
impl Visit for Statement {
    fn record_str(&mut self, field: &Field, text: &str) {
        let is_sql = field.name() == "db.statement" || field.name() == "summary";
        if is_sql && text.len() > self.sql.len() {
            text.clone_into(&mut self.sql);
        }
    }

    fn record_f64(&mut self, field: &Field, seconds: f64) {
        if field.name() == "elapsed_secs" {
            self.took = Duration::try_from_secs_f64(seconds).unwrap_or_default();
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}
