//! Why a query is cached, or not, and how its entry stands.

mod print;
mod why;

use std::any::type_name;

use dogpile::Inspection;
use sqlx::{Arguments, Error};

use super::capture::Capture;
use super::decision::{Decision, Kept, decide, decide_unasked};
use super::fetch::poll_once;
use super::gate::Gate;
use super::shape::{All, Shape};
use super::{CachedQuery, TypedQuery};
use crate::pool::CachedPool;
use crate::server::UNKNOWN_SERVER;
use crate::statement::Statement;

/// What [`CachedQuery::explain`] says; prints as a block of text.
#[derive(Debug, Clone)]
pub struct Explanation {
    sql: String,
    verdict: Verdict,
    /// Each table for which there is a rule, with the rule.
    rules: Vec<String>,
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
    /// The type of a row; none where the raw cells are kept.
    value: Option<&'static str>,
    parameters: usize,
    database: String,
    scope: String,
    entry: Inspection,
}

impl<Q: TypedQuery> CachedQuery<Q> {
    /// Says whether `fetch_all` of this query is cached, under which key and tags, and how its entry
    /// stands. Does not run the query, and counts nothing.
    ///
    /// Where nobody has asked before, the server is asked who it is and what the rows of a table are told
    /// apart by. If it does not answer, no entry is found.
    pub async fn explain(self, db: &CachedPool<Q::Database>) -> Explanation {
        let kept = Kept::of::<Q>(db, self.options.region(db));
        self.explain_kept(db, kept).await
    }

    /// [`explain`](Self::explain) of a query whose rows are the caller's own.
    #[doc(hidden)]
    pub async fn explain_rows(self, db: &CachedPool<Q::Database>) -> Explanation {
        self.explain_kept(db, Kept::Cells).await
    }

    async fn explain_kept(self, db: &CachedPool<Q::Database>, kept: Kept) -> Explanation {
        let Self { query, mut options, .. } = self;
        let capture = Capture::new();
        let mut running = All::start(query, Gate::new(&capture));
        if let Some(Err(error)) = poll_once(&mut running).await {
            return Explanation::unreadable(&error);
        }
        let decision = match options.region(db).off() {
            Some(reason) => Some(Decision::Bypass(reason)),
            None => match decide(db, &mut options, All::CODE, kept, &capture).await {
                // What it would be, if the server could be asked.
                Some(Decision::Bypass(UNKNOWN_SERVER)) => {
                    decide_unasked(db, &mut options, All::CODE, kept, &capture)
                }
                decision => decision,
            },
        };
        let asked =
            capture.read(|statement| (statement.sql.as_str().to_owned(), parameters(statement)));
        let (Some((sql, parameters)), Some(decision)) = (asked, decision) else {
            return Explanation::unreadable(&Error::RowNotFound);
        };
        let analysis = db.analyzer().analyze(&sql);
        let ruling = db.policy().judge(&analysis);
        let region = options.region(db);
        let verdict = match decision {
            Decision::Cache(key, tags) => Verdict::Cached(Box::new(Cached {
                region: region.name().to_owned(),
                value: matches!(kept, Kept::Values(_)).then(type_name::<Q::Output>),
                parameters,
                database: db.server().name().to_owned(),
                scope: why::scope(&options, &ruling),
                entry: options.entry(region, &key, &tags).inspect().await,
            })),
            Decision::Bypass(reason) => {
                let told = analysis.bypass().cloned().or_else(|| db.catalog().why_not(&analysis));
                Verdict::bypassed(reason.code(), told.as_ref(), &ruling)
            }
        };
        let rules = ruling.rules().iter().map(ToString::to_string).collect();
        Explanation { sql, verdict, rules }
    }
}

fn parameters<DB: crate::CacheDatabase>(statement: &Statement<DB>) -> usize {
    statement.arguments.as_ref().map_or(0, Arguments::len)
}

impl Explanation {
    /// Of a query that could not be read.
    #[doc(hidden)]
    pub fn unreadable(error: &Error) -> Self {
        let verdict = Verdict::Unreadable(error.to_string());
        Self { sql: String::new(), verdict, rules: Vec::new() }
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

    /// The tables for which the policy has a rule, each with the pattern of the rule that counts for
    /// it, such as `shop.orders by shop.*`.
    pub fn rules(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().map(String::as_str)
    }

    /// How the entry stands, if the query is cached.
    pub fn entry(&self) -> Option<&Inspection> {
        match &self.verdict {
            Verdict::Cached(cached) => Some(&cached.entry),
            _ => None,
        }
    }
}
