//! Statements that change the settings of their session.

use std::sync::Arc;

use async_stream::try_stream;
use dogpile::{Digest, Tags};
use dogpile_query::{Analysis, BypassReason, SessionChange};
use futures_core::stream::BoxStream;
use futures_util::StreamExt;
use sqlx::Error;

use super::CachedConnection;
use super::settings::lasts;
use crate::database::{CacheDatabase, Step};
use crate::pool::CachedPool;
use crate::statement::Statement;

/// A statement that changes settings.
pub(crate) struct Changing {
    analysis: Arc<Analysis>,
    arguments: Option<Digest>,
    /// Whether there is no place in its text where a second statement could begin.
    single: bool,
}

impl Changing {
    /// `None` for a statement that changes none.
    pub(crate) fn of<DB: CacheDatabase>(
        pool: &CachedPool<DB>,
        statement: &Statement<DB>,
    ) -> Option<Self> {
        let analysis = pool.analyzer().analyze(statement.sql.as_str());
        let is_harmless = |change: &SessionChange| *change == SessionChange::Harmless;
        if analysis.session().iter().all(is_harmless) {
            return None;
        }
        let text = statement.sql.as_str().trim_end().trim_end_matches(';');
        let single = !text.contains(';');
        Some(Self { analysis, arguments: digest(pool, statement), single })
    }

    /// Whether others may find what it does on a connection that went back to the pool.
    pub(crate) fn lasts(&self) -> bool {
        self.analysis.session().iter().any(lasts)
    }

    /// Whether its text holds no other statement.
    fn is_only(&self) -> bool {
        let several = BypassReason::MultipleStatements;
        self.analysis.bypass().is_none_or(|why| why.reason() != several)
    }
}

/// What tells the arguments of a statement, and the statement, from all others.
fn digest<DB: CacheDatabase>(pool: &CachedPool<DB>, statement: &Statement<DB>) -> Option<Digest> {
    let maker = pool.region().hasher();
    let mut hasher = maker.hasher();
    hasher.write_part(statement.sql.as_str().as_bytes());
    DB::fingerprint(statement.arguments.as_ref()?, &mut hasher).ok()?;
    Some(maker.finish(hasher))
}

impl<DB: CacheDatabase> CachedConnection<DB> {
    /// Runs a statement that changes settings, and that owes `tags`. It is run to its end: whether it
    /// has done what it says is known when it is answered.
    pub(crate) fn send_changing(
        &mut self,
        statement: Statement<DB>,
        tags: Tags,
        changing: Changing,
    ) -> BoxStream<'_, Result<Step<DB>, Error>> {
        let analysis = Arc::clone(&changing.analysis);
        if !self.session.is_touched_by(analysis.session()) {
            return self.send(statement, tags);
        }
        Box::pin(try_stream! {
            let changes = analysis.session();
            let in_text = self.in_text_transaction();
            let before = self.session.doubt(changes);
            let mut failure = None;
            {
                let mut steps = self.send(statement, tags);
                while let Some(step) = steps.next().await {
                    match step {
                        Ok(step) => yield step,
                        Err(error) => failure = Some(error),
                    }
                }
            }
            match failure {
                None => self.session.apply(before, changes, changing.arguments, in_text),
                Some(error @ Error::Database(_)) => {
                    let only = changing.is_only();
                    self.session.refused(before, changes, DB::DIALECT, only, changing.single);
                    Err(error)?;
                }
                Some(error) => Err(error)?,
            }
        })
    }
}
