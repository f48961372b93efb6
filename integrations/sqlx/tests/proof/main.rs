//! Proofs that cached queries on SQLite keep the invariants, through sqlx and in one process.
//!
//! * [`drops`] drops every kind of future at every poll and then looks for what was left behind;
//! * [`invariants`] has a test for each invariant, by its number;
//! * [`edges`] has what the SQL text can do behind the wrapper's back, and options of one call;
//! * [`fenced`] looks at readers while a COMMIT is under way;
//! * [`arguments`] shows that different arguments never share an entry.
//!
//! Nothing here waits for time to pass. Timeouts are guards: they turn a hang into a failure.

mod arguments;
mod drops;
mod edges;
mod fenced;
mod invariants;
mod support;
