//! What programs read: one JSON object.

use serde::Serialize;

use crate::bypass::Bypass;
use crate::clock::milliseconds;
use crate::counters::Counters;
use crate::failure::Failure;
use crate::report::print;
use crate::timing::Timing;
use crate::{Outcome, invalidation, stampede};

#[derive(Serialize)]
struct Json<'a> {
    rows_loaded: u64,
    queries: Vec<Query>,
    stampede: Stampede,
    invalidation: Invalidation,
    bypass: Vec<Reason<'a>>,
    counters: Counters,
}

#[derive(Serialize)]
struct Query {
    name: &'static str,
    rows: usize,
    direct_ms: f64,
    cold_ms: f64,
    warm_ms: f64,
    speedup: f64,
}

impl From<&Timing> for Query {
    fn from(timing: &Timing) -> Self {
        Self {
            name: timing.name,
            rows: timing.rows,
            direct_ms: milliseconds(timing.direct),
            cold_ms: milliseconds(timing.cold),
            warm_ms: milliseconds(timing.warm),
            speedup: timing.speedup(),
        }
    }
}

#[derive(Serialize)]
struct Stampede {
    tasks: usize,
    db_queries: usize,
}

impl From<stampede::Stampede> for Stampede {
    fn from(stampede: stampede::Stampede) -> Self {
        Self { tasks: stampede.tasks, db_queries: stampede.db_queries }
    }
}

#[derive(Serialize)]
struct Invalidation {
    checks: u64,
    stale_reads: u64,
}

impl From<invalidation::Invalidation> for Invalidation {
    fn from(seen: invalidation::Invalidation) -> Self {
        Self { checks: seen.checks, stale_reads: seen.stale_reads }
    }
}

#[derive(Serialize)]
struct Reason<'a> {
    sql: &'static str,
    reason: &'a str,
}

impl<'a> From<&'a Bypass> for Reason<'a> {
    fn from(bypass: &'a Bypass) -> Self {
        Self { sql: bypass.sql, reason: &bypass.reason }
    }
}

/// Prints it, and nothing else.
pub(crate) fn write(outcome: &Outcome) -> Result<(), Failure> {
    let json = Json {
        rows_loaded: outcome.rows_loaded,
        queries: outcome.timings.iter().map(Query::from).collect(),
        stampede: outcome.stampede.into(),
        invalidation: outcome.invalidation.into(),
        bypass: outcome.bypasses.iter().map(Reason::from).collect(),
        counters: outcome.counters,
    };
    let text = serde_json::to_string(&json)
        .map_err(|e| Failure::Promise(format!("the figures are no JSON: {e}")))?;
    print(format_args!("{text}"))
}
