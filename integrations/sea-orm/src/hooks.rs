//! Invalidation from the hooks of an `ActiveModel`, which are given a connection of any type.
//!
//! What a statement writes is invalidated by itself. A hook says what SQL cannot know: that some other
//! value was made of this row.
//!
//! ```
//! # #[cfg(feature = "sqlx-sqlite")] mod doc {
//! use dogpile::Tag;
//! use dogpile_sea_orm::hooks;
//! use sea_orm::entity::prelude::*;
//!
//! #[sea_orm::model]
//! #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
//! #[sea_orm(table_name = "cake")]
//! pub struct Model {
//!     #[sea_orm(primary_key)]
//!     pub id: i32,
//!     pub name: String,
//! }
//!
//! #[async_trait::async_trait]
//! impl ActiveModelBehavior for ActiveModel {
//!     async fn after_save<C: ConnectionTrait>(
//!         model: Model,
//!         db: &C,
//!         _insert: bool,
//!     ) -> Result<Model, DbErr> {
//!         hooks::invalidate(db, [Tag::new(format!("menu:{}", model.id))]).await?;
//!         Ok(model)
//!     }
//! }
//! # }
//! ```
//!
//! On a [`CachedConnection`] the tags are invalidated at once, in a [`CachedTransaction`] when it
//! commits, and on a plain connection of sea-orm nothing happens, at no cost.
//!
//! sea-orm runs these hooks in `ActiveModel`'s own `insert`, `update`, `save` and `delete`, and not in
//! `insert_many`, `update_many`, `delete_many` and raw statements.
//!
//! [`CachedTransaction`]: crate::CachedTransaction

// How a hook finds out what `&C` is. It is neither `'static` nor `Any`; nothing of ours runs around the
// hook that could leave a task-local; and a marker sent as a statement would cost a plain connection a
// round trip, and be an error on MySQL if it were but a comment. So the hook asks through a method that
// every connection has, that sends nothing and that wrappers of wrappers pass on: our connections answer
// it, and leave beside their answer who they are.

use std::cell::RefCell;

use dogpile::{Tag, Tags};
use sea_orm::{ConnectionTrait, DbErr};

use crate::connection::CachedConnection;
use crate::transaction::AtLevel;

thread_local! {
    static QUESTION: RefCell<Asked> = const { RefCell::new(Asked::Nobody) };
}

/// Who was asked.
pub(crate) enum Asked {
    /// There is no question.
    Nobody,
    /// Nobody has answered yet.
    Whoever,
    Connection(Box<CachedConnection>),
    Transaction(AtLevel),
}

impl Asked {
    /// Says who is there, if it was asked.
    #[inline]
    pub(crate) fn answer(who: impl FnOnce() -> Self) {
        QUESTION.with_borrow_mut(|question| {
            if matches!(question, Self::Whoever) {
                *question = who();
            }
        });
    }

    fn who<C: ConnectionTrait>(db: &C) -> Self {
        /// Takes the question back, should the connection panic.
        struct End;
        impl Drop for End {
            fn drop(&mut self) {
                QUESTION.replace(Asked::Nobody);
            }
        }
        let _end = End;
        QUESTION.replace(Self::Whoever);
        db.get_database_backend();
        QUESTION.replace(Self::Nobody)
    }
}

/// Invalidates `tags`; inside a transaction when it commits, and not if it rolls back.
///
/// Returns whether `db` is a connection of this crate: on others nothing is done.
///
/// # Errors
///
/// [`DbErr::Conn`] if the transaction has ended. A backend that cannot be reached is no error: the
/// invalidation is owed, as that of the write is.
///
/// # Cancel safety
///
/// May be dropped at any await; the tags are then invalidated or not.
pub async fn invalidate<C: ConnectionTrait>(
    db: &C,
    tags: impl IntoIterator<Item = impl Into<Tag>> + Send,
) -> Result<bool, DbErr> {
    let tags: Tags = tags.into_iter().collect();
    match Asked::who(db) {
        Asked::Connection(db) => drop(db.invalidate(tags.iter().cloned()).await),
        Asked::Transaction(tx) => tx.invalidate(tags).await?,
        Asked::Nobody | Asked::Whoever => return Ok(false),
    }
    Ok(true)
}

/// Invalidates every read of the named tables, each `name` or `schema.name`; inside a transaction when
/// it commits, and not if it rolls back.
///
/// Returns whether `db` is a connection of this crate: on others nothing is done.
///
/// # Errors
///
/// Those of [`invalidate`].
///
/// # Cancel safety
///
/// May be dropped at any await; the tables are then invalidated or not.
pub async fn invalidate_tables<C: ConnectionTrait>(
    db: &C,
    tables: impl IntoIterator<Item = impl AsRef<str>> + Send,
) -> Result<bool, DbErr> {
    let tables: Vec<_> = tables.into_iter().map(|table| table.as_ref().to_owned()).collect();
    match Asked::who(db) {
        Asked::Connection(db) => drop(db.invalidate_tables(tables).await),
        Asked::Transaction(tx) => tx.invalidate_tables(tables).await?,
        Asked::Nobody | Asked::Whoever => return Ok(false),
    }
    Ok(true)
}

/// Runs `callback` when the transaction has committed and what it wrote is invalidated; at once outside
/// of one, and not if it rolls back.
///
/// Returns whether `db` is a connection of this crate: on others the callback is dropped.
///
/// # Errors
///
/// [`DbErr::Conn`] if the transaction has ended.
///
/// # Cancel safety
///
/// May be dropped at any await; the callback is then run or not.
pub async fn on_commit<C: ConnectionTrait>(
    db: &C,
    callback: impl FnOnce() + Send + Sync + 'static,
) -> Result<bool, DbErr> {
    match Asked::who(db) {
        Asked::Connection(_) => callback(),
        Asked::Transaction(tx) => tx.on_commit(callback).await?,
        Asked::Nobody | Asked::Whoever => return Ok(false),
    }
    Ok(true)
}
