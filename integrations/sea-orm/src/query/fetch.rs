//! Running a cached select.

use dogpile::Shared;
use sea_orm::DbErr;

use super::shim::Through;
use super::source::{Kind, Place};
use super::{CachedSelect, Select, SelectOne, Source};
use crate::connection::CachedConnection;
use crate::driver::on;
use crate::error::of_query;
use dogpile_sqlx::Explanation;

impl<Q: Select> CachedSelect<Q> {
    /// All of it, as a copy of one's own.
    ///
    /// # Errors
    ///
    /// Those of the select's own `all`; the cache adds none.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await: nothing is stored then, and the next waiter fetches.
    pub async fn all(self, db: &impl Source) -> Result<Vec<Q::Item>, DbErr>
    where
        Q::Item: Clone,
    {
        Ok(self.all_shared(db).await?.into_owned())
    }

    /// All of it, as the value in memory: nothing is copied.
    ///
    /// # Errors
    ///
    /// Those of the select's own `all`; the cache adds none.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await: nothing is stored then, and the next waiter fetches.
    pub async fn all_shared(self, db: &impl Source) -> Result<Shared<Vec<Q::Item>>, DbErr> {
        let Self(query) = self;
        let all: Result<_, sqlx::Error> = match db.place().await? {
            Place(Kind::Pool(db)) => on!(Pool, &db.pool, pool => {
                let query = query.under(&db.reads.of_marked());
                let query = query.with_query(|it| Through::new(it, db.callback().cloned()));
                query.fetch_all_shared(pool).await
            }),
            Place(Kind::Session(mut session, callback)) => {
                on!(Session, &mut *session, connection => {
                    let query = query.with_query(|it| Through::new(it, callback));
                    query.fetch_all_shared(connection).await
                })
            }
        };
        all.map_err(of_query)
    }

    /// Says whether `all` of this select, or its `stream`, is cached, under which key and tags, and how
    /// its entry stands. Runs nothing.
    pub async fn explain(self, db: &CachedConnection) -> Explanation {
        let Self(query) = self;
        on!(Pool, &db.pool, pool => {
            let query = query.under(&db.reads.of_marked());
            query.with_query(|it| Through::new(it, None)).explain(pool).await
        })
    }
}

impl<Q: SelectOne> CachedSelect<Q> {
    /// The first row, or `None`. That there is none is remembered too.
    ///
    /// # Errors
    ///
    /// Those of the select's own `one`; the cache adds none.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await: nothing is stored then, and the next waiter fetches.
    pub async fn one(self, db: &impl Source) -> Result<Option<Q::Item>, DbErr>
    where
        Q::Item: Clone,
    {
        Ok(self.one_shared(db).await?.into_owned())
    }

    /// The first row or `None`, as the value in memory.
    ///
    /// # Errors
    ///
    /// Those of the select's own `one`; the cache adds none.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await: nothing is stored then, and the next waiter fetches.
    pub async fn one_shared(self, db: &impl Source) -> Result<Shared<Option<Q::Item>>, DbErr> {
        let Self(query) = self;
        let one: Result<_, sqlx::Error> = match db.place().await? {
            Place(Kind::Pool(db)) => on!(Pool, &db.pool, pool => {
                let query = query.under(&db.reads.of_marked());
                let query = query.with_query(|it| Through::new(it, db.callback().cloned()));
                query.fetch_optional_shared(pool).await
            }),
            Place(Kind::Session(mut session, callback)) => {
                on!(Session, &mut *session, connection => {
                    let query = query.with_query(|it| Through::new(it, callback));
                    query.fetch_optional_shared(connection).await
                })
            }
        };
        one.map_err(of_query)
    }
}
