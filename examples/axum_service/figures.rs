//! What `/cache` and `/cache.json` show.

use std::fmt::Write;

use dogpile_sqlx::PoolStats;
use serde::{Deserialize, Serialize};

use crate::statements;

/// How the cache and its pool are doing.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Figures {
    /// The sum of the next four.
    pub(crate) lookups: u64,
    pub(crate) hits: u64,
    pub(crate) stale: u64,
    pub(crate) misses: u64,
    pub(crate) bypasses: u64,
    /// Why not all of them were hits, and how often.
    pub(crate) reasons: Vec<(String, u64)>,
    pub(crate) invalidated_tags: u64,
    pub(crate) entries: usize,
    pub(crate) bytes: u64,
    /// How long it took to make what is cached, on average.
    pub(crate) creation_ms: f64,
    /// How many statements the database was sent.
    pub(crate) statements: u64,
    pub(crate) connections: u32,
    pub(crate) idle_connections: usize,
    pub(crate) most_connections: u32,
    /// Orders that were committed.
    pub(crate) orders_placed: u64,
}

impl Figures {
    pub(crate) fn of(pool: &PoolStats, orders_placed: u64) -> Self {
        let region = &pool.region;
        let reasons = region.reasons();
        Self {
            lookups: region.lookups,
            hits: region.hits,
            stale: region.stale,
            misses: region.misses,
            bypasses: region.bypasses,
            reasons: reasons
                .map(|held| {
                    (format!("{:?}: {}", held.kind, held.reason).to_lowercase(), held.count)
                })
                .collect(),
            invalidated_tags: region.invalidated_tags,
            entries: region.entries,
            bytes: region.weight,
            creation_ms: region.load.mean().as_secs_f64() * 1e3,
            statements: statements::sent(),
            connections: pool.connections,
            idle_connections: pool.idle_connections,
            most_connections: pool.most_connections,
            orders_placed,
        }
    }

    /// A page that fetches itself again every second.
    pub(crate) fn page(&self) -> String {
        let share = |part: u64| 100.0 * part as f64 / self.lookups.max(1) as f64;
        let mut rows = String::new();
        row(&mut rows, "lookups", self.lookups, "");
        let parts = [self.hits, self.stale, self.misses, self.bypasses];
        for (name, part) in ["hits", "stale", "misses", "bypasses"].into_iter().zip(parts) {
            row(&mut rows, name, part, &format!("{:.1} %", share(part)));
        }
        for (reason, count) in &self.reasons {
            row(&mut rows, reason, *count, "");
        }
        row(&mut rows, "statements the database was sent", self.statements, "");
        row(&mut rows, "tags invalidated", self.invalidated_tags, "");
        let each = format!("{:.1} ms to make one", self.creation_ms);
        row(&mut rows, "entries", self.entries as u64, &each);
        row(&mut rows, "bytes", self.bytes, "");
        let idle = format!("{} idle, {} at most", self.idle_connections, self.most_connections);
        row(&mut rows, "connections", self.connections.into(), &idle);
        row(&mut rows, "orders placed", self.orders_placed, "");
        include_str!("page.html").replace("{rows}", &rows)
    }
}

fn row(rows: &mut String, name: &str, count: u64, note: &str) {
    // A `String` takes all that is written to it.
    let _ = writeln!(rows, "<tr><th>{name}<td>{count}<td>{note}");
}
