//! The fields of spans, by their names.
//!
//! OpenTelemetry has no conventions for caches yet, and asks libraries to keep names of their own
//! under a prefix of their own; so these begin with `dogpile.`, and only what OpenTelemetry itself
//! has defined is called as it is there. `tracing-opentelemetry` turns the `otel.` fields into the
//! kind and the status of its span. Keys, values, SQL and parameters are in no field.
//!
//! | span | field | value |
//! |---|---|---|
//! | `dogpile.lookup` | `dogpile.region` | the region's name |
//! | | `otel.kind` | `internal` |
//! | | `dogpile.outcome` | `hit`, `stale`, `miss` or `bypass` |
//! | | `dogpile.tier` | where the value was found: `local`, `checked` or `backend` |
//! | | `dogpile.reason` | the [`Reason`](crate::Reason) why it was not a plain hit |
//! | | `dogpile.age_ms` | how old the value is that was served, in milliseconds |
//! | `dogpile.create` | `dogpile.region` | the region's name |
//! | | `otel.kind` | `internal` |
//! | | `otel.status_code` | `ERROR` if the creation failed, else nothing |
//! | | `error.type` | `creator_error`, `creator_panic` or `creator_dropped` |
//!
//! Both are spans of level `DEBUG`; their targets begin with `dogpile::observe`. A lookup's span lasts
//! until its caller has a value, so a creation is a child of the lookup that caused it, and so is
//! whatever the creator opens: the query of the database driver, say.

/// The region's name.
pub const REGION: &str = "dogpile.region";
/// How the lookup ended.
pub const OUTCOME: &str = "dogpile.outcome";
/// The tier that the value was found in: `local`, `checked`, `backend`.
pub const TIER: &str = "dogpile.tier";
/// Why it was not a plain hit.
pub const REASON: &str = "dogpile.reason";
/// How old the served value is, in milliseconds.
pub const AGE: &str = "dogpile.age_ms";
/// OpenTelemetry's kind of a span.
pub const KIND: &str = "otel.kind";
/// OpenTelemetry's status of a span.
pub const STATUS: &str = "otel.status_code";
/// OpenTelemetry's class of an error.
pub const ERROR: &str = "error.type";
