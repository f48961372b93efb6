//! Whether a captured statement is answered from the cache, and under which key.

use std::any::TypeId;

use dogpile::{Key, Reason, Region, Tags};
use dogpile_query::TableName;

use super::TypedQuery;
use super::capture::Capture;
use super::fingerprint::{Part, fingerprint};
use super::options::{Mode, Options};
use crate::catalog::{Dependence, UNKNOWN_RELATIONS};
use crate::connection::{CachedConnection, Settings};
use crate::database::CacheDatabase;
use crate::pool::CachedPool;
use crate::statement::Statement;

pub(super) enum Decision {
    Cache(Key, Tags),
    Bypass(Reason),
}

/// What a statement leads to.
enum Step {
    Decided(Decision),
    /// Nothing yet: which tables are behind the names is not known.
    AskRelations,
    /// Nothing yet: what tells the rows of this table apart is not known.
    AskKey(TableName),
}

impl From<Decision> for Step {
    fn from(decision: Decision) -> Self {
        Self::Decided(decision)
    }
}

/// Bypass: the query says so.
const IGNORED: Reason = Reason::new("ignored");
/// Bypass: what is written on the pool does not reach the region that the query names.
const OTHER_BACKEND: Reason = Reason::new("other_backend");
/// Bypass: an argument cannot be told apart from others.
const OPAQUE_ARGUMENT: Reason = Reason::new("opaque_argument");
/// Bypass: the rows are mapped by a closure that carries values of its own.
const OPAQUE_MAPPER: Reason = Reason::new("opaque_mapper");
/// Bypass: a connection of the pool is inside a transaction that was begun by SQL text.
const TEXT_TRANSACTION: Reason = Reason::new("text_transaction");
/// Bypass: the settings of the session are not known.
const SESSION_STATE: Reason = Reason::new("session_state");
/// Bypass: the rows of this query have something in them that could not be replayed as it is.
const NOT_REPLAYABLE: Reason = Reason::new("not_replayable");

/// Bypass: what was served of this shape of a query was not what the database said, time and again.
const VERIFY_MISMATCH: Reason = Reason::new("verify_mismatch");

/// What an entry holds of a query.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kept {
    /// The values that the rows were mapped to: how is a part of the key.
    Values(Option<TypeId>),
    /// The raw cells, for any way of mapping them.
    Cells,
    /// What serde makes of the values of this type.
    Serialized(&'static str),
}

impl Kept {
    /// What `region` holds of such a query on `pool`.
    pub(super) fn of<Q: TypedQuery>(pool: &CachedPool<Q::Database>, region: &Region) -> Self {
        if Q::OWN_ROWS { Self::Cells } else { Self::by(pool, region, Q::mapper()) }
    }

    /// What `region` holds of a query on `pool` whose rows are mapped by `mapper`.
    pub(super) fn by<DB: CacheDatabase>(
        pool: &CachedPool<DB>,
        region: &Region,
        mapper: Option<TypeId>,
    ) -> Self {
        // Values could not be compared with what the database says.
        let are_cells = region.is_shared() || pool.verifier().is_some();
        if are_cells { Self::Cells } else { Self::Values(mapper) }
    }
}

/// Where a query runs, as far as that decides its result.
pub(super) struct Place<'s> {
    pub(super) server: &'s str,
    pub(super) settings: &'s Settings,
    /// Whether it may be inside a transaction that was begun by SQL text.
    in_text: bool,
    /// Whether the catalog may be asked, and for what.
    asks: Asks,
}

/// What may still be asked of the catalog.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asks {
    Anything,
    /// Which tables are behind the names.
    Relations,
    /// What tells the rows of a table apart: which tables are behind the names was asked.
    Keys,
    Nothing,
    /// Nothing, and a statement is taken at its word: nobody acts upon the answer.
    Guesses,
}

/// Decides for a query that is held back, of which `kept` would be kept.
pub(super) async fn decide<DB: CacheDatabase>(
    pool: &CachedPool<DB>,
    options: &mut Options,
    shape: u8,
    kept: Kept,
    capture: &Capture<'_, DB>,
) -> Option<Decision> {
    // On a pool that is not clean nobody may be asked who the server is.
    let (settings, in_text) = (pool.settings(), pool.in_text_transaction());
    let is_clean = settings.are_known();
    if !pool.server().is_known() {
        // Nobody is asked about a query that is not cached anyway.
        let place = Place { server: "", settings: &settings, in_text, asks: Asks::Guesses };
        let step = capture.read(|it| decide_for(pool, &place, options, shape, kept, it))?;
        if let Step::Decided(bypass @ Decision::Bypass(_)) = step {
            return Some(bypass);
        }
    }
    let server = match pool.identity().await {
        Ok(server) => server,
        Err(reason) if is_clean => return Some(Decision::Bypass(reason)),
        Err(_) => "",
    };
    let mut place = Place { server, settings: &settings, in_text, asks: Asks::Anything };
    loop {
        match capture.read(|it| decide_for(pool, &place, options, shape, kept, it))? {
            Step::Decided(decision) => return Some(decision),
            Step::AskRelations => {
                place.asks = Asks::Keys;
                Box::pin(pool.learn_relations()).await;
            }
            Step::AskKey(table) => {
                place.asks = Asks::Nothing;
                Box::pin(pool.catalog().learn_on(pool.inner(), &table)).await;
            }
        }
    }
}

/// Decides for a query on a connection that is in no transaction.
pub(super) async fn decide_on<DB: CacheDatabase>(
    connection: &mut CachedConnection<DB>,
    options: &mut Options,
    shape: u8,
    kept: Kept,
    capture: &Capture<'_, DB>,
) -> Option<Decision> {
    let step = step_on(connection, options, shape, kept, capture, Asks::Relations)?;
    if !matches!(step, Step::AskRelations) {
        return decided(step);
    }
    Box::pin(connection.learn_relations()).await;
    decided(step_on(connection, options, shape, kept, capture, Asks::Nothing)?)
}

fn step_on<DB: CacheDatabase>(
    connection: &CachedConnection<DB>,
    options: &mut Options,
    shape: u8,
    kept: Kept,
    capture: &Capture<'_, DB>,
    asks: Asks,
) -> Option<Step> {
    let (pool, settings) = (connection.pool(), connection.session.settings());
    let server = match pool.server().known() {
        Ok(server) => server,
        Err(reason) if settings.are_known() => return Some(Decision::Bypass(reason).into()),
        Err(_) => "",
    };
    let in_text = connection.in_text_transaction();
    let place = Place { server, settings, in_text, asks };
    capture.read(|it| decide_for(pool, &place, options, shape, kept, it))
}

/// What [`decide`] would say, as far as that is known without asking anybody.
pub(super) fn decide_unasked<DB: CacheDatabase>(
    pool: &CachedPool<DB>,
    options: &mut Options,
    shape: u8,
    kept: Kept,
    capture: &Capture<'_, DB>,
) -> Option<Decision> {
    let (settings, server) = (pool.settings(), pool.server().name());
    let in_text = pool.in_text_transaction();
    let place = Place { server, settings: &settings, in_text, asks: Asks::Guesses };
    decided(capture.read(|it| decide_for(pool, &place, options, shape, kept, it))?)
}

/// Decides for a query whose result is private to a transaction: nobody else need know which server
/// it is from, and nobody is asked.
pub(super) fn decide_privately<DB: CacheDatabase>(
    connection: &CachedConnection<DB>,
    options: &mut Options,
    shape: u8,
    mapper: Option<TypeId>,
    capture: &Capture<'_, DB>,
) -> Option<Decision> {
    let (pool, kept) = (connection.pool(), Kept::Values(mapper));
    let settings = connection.session.settings();
    let in_text = pool.in_text_transaction();
    let place = Place { server: "", settings, in_text, asks: Asks::Nothing };
    decided(capture.read(|it| decide_for(pool, &place, options, shape, kept, it))?)
}

fn decided(step: Step) -> Option<Decision> {
    match step {
        Step::Decided(decision) => Some(decision),
        Step::AskRelations | Step::AskKey(_) => None,
    }
}

fn decide_for<DB: CacheDatabase>(
    pool: &CachedPool<DB>,
    place: &Place<'_>,
    options: &mut Options,
    shape: u8,
    kept: Kept,
    statement: &Statement<DB>,
) -> Step {
    if options.mode() == Mode::Ignore {
        return Decision::Bypass(IGNORED).into();
    }
    if !options.hears_writes_of(pool) {
        return Decision::Bypass(OTHER_BACKEND).into();
    }
    let analysis = pool.analyzer().analyze(statement.sql.as_str());
    // `Some` for everything but a read that may be cached, if the catalog has nothing against it.
    let bypass = if pool.asks_catalog() { analysis.bypass_for_good() } else { analysis.bypass() };
    if let Some(bypass) = bypass {
        return Decision::Bypass(Reason::new(bypass.reason().code())).into();
    }
    if pool.distrusts(statement.sql.as_str()) {
        return Decision::Bypass(VERIFY_MISMATCH).into();
    }
    if place.in_text {
        return Decision::Bypass(TEXT_TRANSACTION).into();
    }
    if !place.settings.are_known() {
        return Decision::Bypass(SESSION_STATE).into();
    }
    let ruling = pool.policy().judge(&analysis);
    let scopes = match options.obey(pool, &analysis, &ruling) {
        Ok(scopes) => scopes,
        Err(reason) => return Decision::Bypass(reason).into(),
    };
    match kept {
        Kept::Values(None) => return Decision::Bypass(OPAQUE_MAPPER).into(),
        Kept::Cells if pool.is_unfit(statement.sql.as_str()) => {
            return Decision::Bypass(NOT_REPLAYABLE).into();
        }
        _ => {}
    }
    let part = Part { shape, kept, analysis: &analysis, scopes: &scopes };
    let Some(key) = fingerprint(pool, place, options, &part, statement) else {
        return Decision::Bypass(OPAQUE_ARGUMENT).into();
    };
    let depends = match pool.dependence(key.digest(), &analysis, statement) {
        Dependence::Known(tags) => tags,
        Dependence::None(reason) => return Decision::Bypass(reason).into(),
        Dependence::AskRelations => match place.asks {
            Asks::Anything | Asks::Relations => return Step::AskRelations,
            Asks::Guesses => analysis.read_tags().clone(),
            Asks::Keys | Asks::Nothing => return Decision::Bypass(UNKNOWN_RELATIONS).into(),
        },
        Dependence::AskKey(table, tables) => match place.asks {
            Asks::Anything | Asks::Keys => return Step::AskKey(table),
            Asks::Relations | Asks::Nothing | Asks::Guesses => tables,
        },
    };
    let tags = options.all_tags(pool, &analysis, ruling.tags(), depends);
    Decision::Cache(key, tags).into()
}
