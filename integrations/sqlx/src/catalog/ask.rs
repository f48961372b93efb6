//! Asking: on a connection of the pool, or on one that somebody has taken for something else.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use dogpile_query::{Analyzer, Relations, TableKey, TableName};
use sqlx::pool::PoolConnection;
use sqlx::{Error, Pool};
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout};

use super::{BREATH, Catalog, PATIENCE, PATIENCE_FOR_ALL};
use crate::database::CacheDatabase;
use crate::out_of_step::Asking;

impl Catalog {
    /// Asks for a table on a connection of the pool.
    pub(crate) async fn learn_on<DB: CacheDatabase>(&self, pool: &Pool<DB>, table: &TableName) {
        let _door = self.door.lock().await;
        if self.get(table).is_some() {
            return;
        }
        let Some(generation) = self.may_ask() else { return };
        let told = match timeout(PATIENCE, pool.acquire()).await {
            Ok(Ok(mut connection)) => {
                let _turn = self.turn.lock().await;
                let told = key_of(&mut connection, table).await;
                told.unwrap_or(Err(Error::PoolTimedOut))
            }
            Ok(Err(error)) => Err(error),
            Err(_) => Err(Error::PoolTimedOut),
        };
        self.hear(generation, table, told);
    }

    /// Asks for the relations on a connection of the pool, unless they are known.
    pub(crate) async fn learn_relations<DB: CacheDatabase>(
        &self,
        pool: &Pool<DB>,
        analyzer: &Analyzer,
    ) {
        let _door = self.door.lock().await;
        if !self.picture.is_due() || self.may_ask().is_none() {
            return;
        }
        match timeout(PATIENCE, pool.acquire()).await {
            Ok(Ok(mut connection)) => {
                let _turn = self.turn.lock().await;
                // A connection that gave no answer closes itself.
                let _ = self.take_picture(&mut connection, analyzer).await;
            }
            // All are in use, which says nothing of the catalog.
            Ok(Err(_)) | Err(_) => self.rest(BREATH),
        }
    }

    /// Asks for the tables that are wanted, on a connection that is in no transaction. Returns whether
    /// all that was asked was answered.
    #[must_use]
    pub(crate) async fn catch_up<DB: CacheDatabase>(
        &self,
        connection: &mut PoolConnection<DB>,
        analyzer: &Analyzer,
    ) -> bool {
        // Without a picture nobody goes on: a write would have to invalidate everything.
        let turn = match self.picture.is_none() {
            true => Some(self.turn.lock().await),
            false => self.turn.try_lock().ok(),
        };
        if turn.is_none() || !self.take_picture(connection, analyzer).await {
            return turn.is_none();
        }
        let Some(generation) = self.may_ask() else { return true };
        let wanted = std::mem::take(&mut self.state().wanted);
        for table in wanted {
            if self.get(&table).is_some() {
                continue;
            }
            let told = key_of(connection, &table).await;
            let (is_answered, failed) = (told.is_ok(), !matches!(told, Ok(Ok(_))));
            self.hear(generation, &table, told.unwrap_or(Err(Error::PoolTimedOut)));
            if failed {
                return is_answered;
            }
        }
        true
    }

    /// Asks for the relations, if that is due. Returns whether all that was asked was answered.
    async fn take_picture<DB: CacheDatabase>(
        &self,
        connection: &mut PoolConnection<DB>,
        analyzer: &Analyzer,
    ) -> bool {
        let (true, Some(generation)) = (self.picture.is_due(), self.may_ask()) else { return true };
        let mut asking = Asking::on(connection);
        let relations = DB::relations_of(asking.connection(), analyzer);
        let told = timeout(PATIENCE_FOR_ALL, relations).await;
        if told.is_ok() {
            asking.answered();
        }
        let is_answered = told.is_ok();
        self.hear_relations(generation, told.unwrap_or(Err(Error::PoolTimedOut)));
        is_answered
    }

    fn hear_relations(&self, generation: u64, told: Result<Relations, Error>) {
        let mut state = self.state();
        if state.generation != generation {
            return;
        }
        match told {
            Ok(relations) => {
                self.picture.take(relations);
                // What was made of an older picture is not to be remembered as of this one.
                state.generation += 1;
                self.generation.store(state.generation, Ordering::Release);
            }
            Err(error) => {
                self.complaints.of_relations(&error);
                state.rest();
                if matches!(error, Error::Database(_)) || self.picture.is_none() {
                    self.picture.refuse();
                }
            }
        }
    }

    pub(super) fn may_ask(&self) -> Option<u64> {
        self.may_ask_at(Instant::now())
    }

    pub(super) fn may_ask_at(&self, now: Instant) -> Option<u64> {
        let state = self.state();
        (state.working == 0 && now >= state.rests_until).then_some(state.generation)
    }

    pub(super) fn hear(
        &self,
        generation: u64,
        table: &TableName,
        told: Result<Option<TableKey>, Error>,
    ) {
        let mut state = self.state();
        if state.generation != generation {
            return;
        }
        let belief = match told {
            Ok(key) => key,
            Err(error) => {
                self.complaints.of_keys(&error);
                state.rest();
                None
            }
        };
        self.beliefs.insert(table.clone(), Arc::new(belief));
    }
}

/// What the catalog says of a table, unless it takes too long.
async fn key_of<DB: CacheDatabase>(
    connection: &mut PoolConnection<DB>,
    table: &TableName,
) -> Result<Result<Option<TableKey>, Error>, Elapsed> {
    let mut asking = Asking::on(connection);
    let told = timeout(PATIENCE, DB::key_of(asking.connection(), table)).await?;
    asking.answered();
    Ok(told)
}
