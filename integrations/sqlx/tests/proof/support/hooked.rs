//! Rows that can be interfered with while they are mapped.

use std::future::Future;
use std::sync::{Mutex, PoisonError};

use dogpile_sqlx::QueryCacheExt;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row};

use super::{Fixture, READ};

type Hook = Box<dyn FnOnce() -> sqlx::Result<()> + Send>;

tokio::task_local! {
    static HOOK: Mutex<Option<Hook>>;
}

/// A row of [`READ`]. The first one that is mapped inside of [`at_first_row`] runs the hook.
///
/// Whoever reads it has the same entry, hook or no hook.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Hooked(i64, i64);

impl FromRow<'_, SqliteRow> for Hooked {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        let hook = HOOK
            .try_with(|hook| hook.lock().unwrap_or_else(PoisonError::into_inner).take())
            .unwrap_or_default();
        hook.map_or(Ok(()), |hook| hook())?;
        Ok(Self(row.try_get(0)?, row.try_get(1)?))
    }
}

/// Runs `work`; `hook` runs when the first row is mapped in it.
pub(crate) fn at_first_row<F: Future>(
    hook: impl FnOnce() -> sqlx::Result<()> + Send + 'static,
    work: F,
) -> impl Future<Output = F::Output> {
    HOOK.scope(Mutex::new(Some(Box::new(hook))), work)
}

/// [`READ`], cached, as rows with hooks.
pub(crate) async fn cached_with_hooks(fixture: Fixture) -> sqlx::Result<Vec<Hooked>> {
    sqlx::query_as(READ).cached().fetch_all(&fixture.db).await
}

/// The same from the database.
pub(crate) async fn truth_with_hooks(fixture: &Fixture) -> sqlx::Result<Vec<Hooked>> {
    sqlx::query_as(READ).fetch_all(&fixture.raw).await
}
