//! Why a read is cached, or not.

use dogpile_sqlx::{CachedPool, Explanation};
use sea_orm::{QueryTrait, Statement};

use super::CachedConnection;
use crate::driver::{Driver, bound, on};

impl CachedConnection {
    /// Says whether a query that says nothing of it itself is cached on this connection, under which
    /// key and tags, by which rules, and how its entry stands. Runs nothing.
    ///
    /// It is the statement of `all` that is explained, which is that of `stream`, too.
    ///
    /// ```
    /// # #[cfg(feature = "sqlx-sqlite")]
    /// # async fn explain(db: dogpile_sea_orm::CachedConnection) {
    /// # mod cake {
    /// #     use sea_orm::entity::prelude::*;
    /// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    /// #     #[sea_orm(table_name = "cake")]
    /// #     pub struct Model { #[sea_orm(primary_key)] pub id: i32 }
    /// #     #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    /// #     pub enum Relation {}
    /// #     impl ActiveModelBehavior for ActiveModel {}
    /// # }
    /// use sea_orm::EntityTrait;
    ///
    /// println!("{}", db.explain(&cake::Entity::find()).await);
    /// # }
    /// ```
    pub fn explain(&self, query: &impl QueryTrait) -> impl Future<Output = Explanation> + Send {
        // Built here: a select cannot be looked at from several threads.
        self.explain_raw(query.build(self.get_database_backend()))
    }

    /// [`explain`](Self::explain) of a statement.
    pub async fn explain_raw(&self, statement: Statement) -> Explanation {
        on!(Pool, &self.pool, pool => self.explain_on(pool, statement).await)
    }

    async fn explain_on<DB: Driver>(
        &self,
        pool: &CachedPool<DB>,
        statement: Statement,
    ) -> Explanation {
        match bound::<DB>(statement, None) {
            Ok(bound) => self.reads.of_plain().with_query(|()| bound).explain_rows(pool).await,
            Err(error) => Explanation::unreadable(&error),
        }
    }
}
