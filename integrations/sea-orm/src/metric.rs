//! Telling the user's metric callback of statements.

use std::sync::Arc;

use dogpile_sqlx::Ear;
use sea_orm::Statement;
use sea_orm::metric::Info;

/// What sea-orm calls for every prepared statement that was answered.
pub(crate) type Callback = Arc<dyn Fn(&Info<'_>) + Send + Sync>;

/// Tells `callback` of `statement` when it was sent to the database, and answered.
pub(crate) fn ear(callback: Option<&Callback>, statement: &Statement) -> Option<Ear> {
    let callback = Arc::clone(callback?);
    let statement = statement.clone();
    Some(Ear::new(move |elapsed, failed| {
        callback(&Info { elapsed, statement: &statement, failed });
    }))
}
