//! What is cached, and how it is created.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// The value in every cache.
pub type Rows = Arc<Vec<(i64, String)>>;

/// A creation, told apart by its plan and cheap enough to pass to every hit.
#[derive(Debug, Clone, Copy)]
pub struct Creation(&'static Plan);

/// How creations go and what became of them.
#[derive(Debug)]
pub struct Plan {
    rows: Rows,
    /// Whether every creation makes rows of its own, as they would be in life.
    own: bool,
    lasts: Duration,
    runs: AtomicUsize,
    /// When the first one ended.
    ended: OnceLock<Instant>,
}

impl Creation {
    /// One that makes rows of its own.
    pub fn own() -> Self {
        Self::new(true, Duration::ZERO)
    }

    /// One that hands out the very same rows every time: what it costs is the cache's own.
    pub fn shared() -> Self {
        Self::new(false, Duration::ZERO)
    }

    /// One that takes `lasts`.
    pub fn lasting(lasts: Duration) -> Self {
        Self::new(true, lasts)
    }

    /// Its plan is never freed: there are few.
    fn new(own: bool, lasts: Duration) -> Self {
        let rows = Arc::new((0..10).map(|row| (row, format!("row {row}"))).collect());
        let (runs, ended) = (AtomicUsize::new(0), OnceLock::new());
        Self(Box::leak(Box::new(Plan { rows, own, lasts, runs, ended })))
    }

    /// Creates the rows.
    pub async fn run(self) -> Rows {
        let Self(plan) = self;
        plan.runs.fetch_add(1, Ordering::Relaxed);
        if !plan.lasts.is_zero() {
            sleep(plan.lasts).await;
        }
        plan.ended.get_or_init(Instant::now);
        if plan.own { Arc::new(plan.rows.to_vec()) } else { Arc::clone(&plan.rows) }
    }

    /// How often it has run.
    pub fn runs(self) -> usize {
        self.0.runs.load(Ordering::Relaxed)
    }

    /// When it had run for the first time.
    pub fn ended(self) -> Option<Instant> {
        self.0.ended.get().copied()
    }
}
