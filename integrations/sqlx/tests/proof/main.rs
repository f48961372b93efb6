//! Proofs that cached queries on SQLite keep the invariants, through sqlx and in one process.
//!
//! * [`drops`] drops every kind of future at every poll and then looks for what was left behind;
//! * [`invariants`] has a test for each invariant, by its number;
//! * [`edges`] has what the SQL text can do behind the wrapper's back, and options of one call;
//! * [`fenced`] looks at readers while a COMMIT is under way;
//! * [`options`] has what a query says of its caching;
//! * [`sessions`] has settings of a session, and hints in comments;
//! * [`rows`] shows which writes leave the reads of other rows alone, and that no other does;
//! * [`rules`] has what the rules of a pool say of its queries;
//! * [`shared`] has several processes on one backend;
//! * [`arguments`] shows that different arguments never share an entry.
//!
//! Nothing here waits for time to pass. Timeouts are guards: they turn a hang into a failure.

mod arguments;
mod drops;
mod edges;
mod fenced;
mod invariants;
mod options;
mod rows;
mod rules;
mod sessions;
mod shared;
mod support;
