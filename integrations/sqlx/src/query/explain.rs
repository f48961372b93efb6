//! Why a query is cached, or not, and how its entry stands.

use std::any::type_name;
use std::fmt;
use std::time::Duration;

use dogpile::{Inspection, State};
use dogpile_query::Bypass;
use sqlx::{Arguments, Error};

use super::capture::Capture;
use super::decision::{Decision, decide};
use super::fetch::poll_once;
use super::gate::Gate;
use super::shape::{All, Shape};
use super::{CachedQuery, TypedQuery};
use crate::pool::CachedPool;
use crate::statement::Statement;

/// What [`CachedQuery::explain`] says; prints as a block of text.
#[derive(Debug, Clone)]
pub struct Explanation {
    sql: String,
    verdict: Verdict,
}

#[derive(Debug, Clone)]
enum Verdict {
    Cached(Box<Cached>),
    Bypassed { reason: &'static str, detail: String, mend: Option<String> },
    Unreadable(String),
}

#[derive(Debug, Clone)]
struct Cached {
    region: String,
    value: &'static str,
    parameters: usize,
    database: String,
    scope: String,
    entry: Inspection,
}

impl<Q> CachedQuery<Q> {
    /// Says whether `fetch_all` of this query is cached, under which key and tags, and how its entry
    /// stands. Runs nothing, and counts nothing.
    pub async fn explain(self, db: &CachedPool<Q::Database>) -> Explanation
    where
        Q: TypedQuery,
    {
        let Self { query, options } = self;
        let capture = Capture::new();
        let mut running = All::start(query, Gate::new(&capture));
        if let Some(Err(error)) = poll_once(&mut running).await {
            return Explanation::unreadable(&error);
        }
        let explained = capture.read(|statement| {
            let decision = decide(db, &options, All::CODE, Q::mapper(), statement);
            let decision = match db.region().off() {
                Some(reason) => Decision::Bypass(reason),
                None => decision,
            };
            (statement.sql.as_str().to_owned(), parameters(statement), decision)
        });
        let Some((sql, parameters, decision)) = explained else {
            return Explanation::unreadable(&Error::RowNotFound);
        };
        let verdict = match decision {
            Decision::Cache(key, tags) => Verdict::Cached(Box::new(Cached {
                region: db.region().name().to_owned(),
                value: type_name::<Vec<Q::Output>>(),
                parameters,
                database: db.identity().to_owned(),
                scope: if options.scope.is_empty() { "-".into() } else { options.scope.join(", ") },
                entry: options.entry(db.region(), &key, &tags).inspect().await,
            })),
            Decision::Bypass(reason) => {
                let analysis = db.analyzer().analyze(&sql);
                Verdict::bypassed(reason.code(), analysis.bypass())
            }
        };
        Explanation { sql, verdict }
    }
}

fn parameters<DB: crate::CacheDatabase>(statement: &Statement<DB>) -> usize {
    statement.arguments.as_ref().map_or(0, Arguments::len)
}

impl Verdict {
    fn bypassed(reason: &'static str, bypass: Option<&Bypass>) -> Self {
        Self::Bypassed {
            reason,
            detail: bypass.map_or_else(|| reason.replace('_', " "), ToString::to_string),
            mend: bypass.and_then(Bypass::how_to_mend).map(str::to_owned),
        }
    }
}

impl Explanation {
    fn unreadable(error: &Error) -> Self {
        Self { sql: String::new(), verdict: Verdict::Unreadable(error.to_string()) }
    }

    /// Whether the query is answered from the cache.
    pub const fn is_cached(&self) -> bool {
        matches!(self.verdict, Verdict::Cached(_))
    }

    /// The code of the reason why it is not.
    pub const fn reason(&self) -> Option<&'static str> {
        match &self.verdict {
            Verdict::Cached(_) => None,
            Verdict::Bypassed { reason, .. } => Some(reason),
            Verdict::Unreadable(_) => Some("unreadable"),
        }
    }

    /// The reason in words, such as `volatile function now()`.
    pub fn detail(&self) -> Option<&str> {
        match &self.verdict {
            Verdict::Cached(_) => None,
            Verdict::Bypassed { detail, .. } | Verdict::Unreadable(detail) => Some(detail),
        }
    }

    /// What can be done about it.
    pub fn mend(&self) -> Option<&str> {
        match &self.verdict {
            Verdict::Bypassed { mend, .. } => mend.as_deref(),
            _ => None,
        }
    }

    /// How the entry stands, if the query is cached.
    pub fn entry(&self) -> Option<&Inspection> {
        match &self.verdict {
            Verdict::Cached(cached) => Some(&cached.entry),
            _ => None,
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.sql.trim())?;
        match &self.verdict {
            Verdict::Cached(cached) => cached.fmt(f),
            Verdict::Bypassed { detail, mend, .. } => {
                write!(f, "  cached     no: {detail}")?;
                mend.iter().try_for_each(|mend| write!(f, "\n  mend       {mend}"))
            }
            Verdict::Unreadable(error) => write!(f, "  cached     no: {error}"),
        }
    }
}

impl fmt::Display for Cached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { region, value, parameters, database, scope, entry } = self;
        let plural = if *parameters == 1 { "" } else { "s" };
        writeln!(f, "  cached     yes, region {region}, typed {value}")?;
        writeln!(
            f,
            "  key        {} (SQL, {parameters} parameter{plural}, database {database}, scope {scope})",
            entry.key
        )?;
        writeln!(f, "  tags       {}", entry.tags)?;
        match (entry.state, &entry.held) {
            (State::Fresh, Some(held)) => {
                write!(f, "  life       fresh {} more", pretty(held.fresh_for))?;
                if !held.stale_for.is_zero() {
                    write!(f, ", then stale for {}", pretty(held.stale_for))?;
                }
                let (age, made) = (pretty(held.age), pretty(held.created_in));
                write!(f, "\n  entry      {age} old, created in {made}, {} bytes", held.weight)
            }
            (State::Stale(reason), Some(held)) => {
                write!(f, "  entry      stale ({reason}), {} old", pretty(held.age))
            }
            (State::Missing(reason), _) => {
                write!(f, "  entry      none that may be served ({reason})")
            }
            _ => write!(f, "  entry      none"),
        }
    }
}

/// A duration in the two units that matter.
fn pretty(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 => format!("{:.1} ms", duration.as_secs_f64() * 1e3),
        1..60 => format!("{seconds} s"),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h{:02}m", seconds / 3600, seconds % 3600 / 60),
    }
}
