//! What a SQL statement reads and writes, and whether its result may be cached: from its text alone.
//!
//! An [`Analyzer`] turns SQL into an [`Analysis`], memoised by text:
//!
//! ```
//! use dogpile_query::{Analyzer, BypassReason, Dialect, Kind};
//!
//! let analyzer = Analyzer::new(Dialect::Postgres);
//!
//! let read = analyzer.analyze("SELECT * FROM users u JOIN orgs o ON o.id = u.org WHERE u.id = $1");
//! assert_eq!(read.kind(), Kind::Read);
//! assert!(read.bypass().is_none());
//! assert_eq!(read.reads().iter().map(ToString::to_string).collect::<Vec<_>>(), ["orgs", "users"]);
//!
//! let volatile = analyzer.analyze("SELECT * FROM users WHERE seen > now() - interval '1 day'");
//! assert_eq!(volatile.bypass().map(|b| b.reason()), Some(BypassReason::Volatile));
//!
//! let write = analyzer.analyze("INSERT INTO audit SELECT * FROM users RETURNING id");
//! assert_eq!(write.kind(), Kind::Write);
//! assert_eq!(write.writes()[0].name(), "audit");
//! ```
//!
//! # The rule
//!
//! "Unknown" never means "no dependency". A read that is not understood is bypassed, with a
//! [reason](BypassReason); a statement that may write something not named in it
//! [flushes](Analysis::flushes). Reads and writes are told apart by the SQL, not by the method that
//! runs it: `INSERT .. RETURNING`, a `DELETE` inside a CTE and `EXPLAIN ANALYZE UPDATE` are writes.
//!
//! # How it is checked
//!
//! Beside the expected analyses of a corpus, the databases themselves are asked what more than 800
//! statements and the 22 queries of TPC-H touch: PostgreSQL by its plans, by what a function of that
//! body depends on and by the locks a run takes, SQLite by its authorizer. No table may be missing,
//! and at least 95 of 100 of the queries whose rows change by writes alone have to be cacheable: 403
//! of 419 are in PostgreSQL and 324 of 333 in SQLite. `tests/oracle/uncached.txt` of the repository
//! lists the others with their reasons, nearly all of them syntax that the parser does not know.
//!
//! # What the text cannot tell
//!
//! Views, triggers, foreign-key cascades, partitions, the volatility of functions and virtual tables with a
//! content table are known to the catalog only: [`Relations`] close over what it tells. A temporary table with
//! the name of a permanent one looks like the latter: the statement that makes it says so with
//! [`BypassReason::TemporaryTable`]. A user-defined operator, a cast,
//! a function in attribute notation (`row.fn`) or one that overloads a built-in name looks like the
//! built-in one.
//!
//! A *value* may be special where its position is not: a text column or parameter that holds `now`
//! and is converted to a time at run time (`$1::timestamptz`, SQLite's `strftime('%Y', col)`) is
//! taken as the constant it nearly always is. SQLite's `datetime(?)`, where `now` is a usual
//! argument, is bypassed.
//!
//! Results that follow the session's time zone, `search_path`, role or SQL mode are not bypassed
//! for it: these belong in the scope of the cache key. [`Analysis::session`] says what a statement
//! does to them.

mod analysis;
mod analyzer;
mod dialect;
mod functions;
mod lexical;
mod parse;
mod policy;
mod relations;
mod rows;
mod session;
mod table_name;
pub mod tags;
mod text_digest;
mod walk;

pub use analysis::{
    Analysis, Bypass, BypassReason, Changes, ColumnPin, Hint, Kind, NewRows, RowFilter, RowValue,
    SessionChange, SettingValue, TransactionText,
};
pub use analyzer::{Analyzer, AnalyzerBuilder};
pub use dialect::Dialect;
pub use functions::Touches;
pub use lexical::shape;
pub use policy::{Caching, Decisive, Policy, Rule, Ruling, TablePattern};
pub use relations::{Body, OnReferenced, RelationKind, Relations, RelationsBuilder, Volatility};
pub use rows::{KeyColumn, KeyKind, KeyValue, TableKey};
pub use table_name::TableName;
