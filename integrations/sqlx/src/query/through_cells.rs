//! Queries in a region that has a backend: the raw cells are kept, and read again on a hit.

use std::any::TypeId;

use dogpile::{EntryRef, Keep, Rule, Shared};
use sqlx::Error;
use tokio::time::Instant;

use super::failure::Failure;
use super::held_back::{Asked, HeldBack, create};
use super::options::Mode;
use super::route::Route;
use super::rules::Rules;
use crate::database::CacheDatabase;
use crate::rows::Rows;
use crate::verify::Place;

impl<DB: CacheDatabase, V: Send + Sync + 'static> HeldBack<'_, '_, DB, V> {
    /// From a region that keeps raw cells, mapped by the query's own mapper.
    pub(super) async fn through_cells(
        mut self,
        asked: &Asked<V>,
        mapper: Option<TypeId>,
    ) -> Result<Shared<V>, Error> {
        match asked.options.mode() {
            Mode::ReadOnly => match asked.entry(self.pool).get().await {
                Some(rows) => {
                    self.verify(asked, &rows);
                    match self.replay(&rows, mapper).await {
                        Some(value) => value,
                        None => self.run().await,
                    }
                }
                None => self.run().await,
            },
            Mode::Refresh => self.refresh_cells(asked, mapper).await,
            _ => {
                let mut mine = None;
                let entry = wanted(asked.entry(self.pool));
                let (this, made) = (&mut self, &mut mine);
                let create =
                    move || async move { this.create_cells(&asked.rules, mapper, made).await };
                match (entry.get_or_create(create).await, mine) {
                    (Ok(_), Some(value)) => Ok(value),
                    (Ok(rows), None) => {
                        self.verify(asked, &rows);
                        self.out_of_cells(asked, mapper, &rows).await
                    }
                    (Err(failure), _) => self.after(failure).await,
                }
            }
        }
    }

    /// Has rows that are about to be served compared with the database, if this is one of the share.
    pub(super) fn verify(&self, asked: &Asked<V>, rows: &Shared<Rows<DB>>) {
        let place = || Place::of(&asked.key, &asked.tags, &asked.options, asked.first_only);
        self.capture.compare(self.pool, place, rows);
    }

    /// The value that a hit, or somebody else's creation, has led to.
    pub(super) async fn out_of_cells(
        mut self,
        asked: &Asked<V>,
        mapper: Option<TypeId>,
        rows: &Rows<DB>,
    ) -> Result<Shared<V>, Error> {
        match self.replay(rows, mapper).await {
            Some(value) => value,
            None if rows.unkept().is_some() => self.run().await,
            // Whoever comes next shall find rows that can be read.
            None => self.refresh_cells(asked, mapper).await,
        }
    }

    async fn refresh_cells(
        mut self,
        asked: &Asked<V>,
        mapper: Option<TypeId>,
    ) -> Result<Shared<V>, Error> {
        let mut mine = None;
        let entry = wanted(asked.entry(self.pool));
        let (this, made) = (&mut self, &mut mine);
        let create = move || async move { this.create_cells(&asked.rules, mapper, made).await };
        match (entry.refresh(create).await, mine) {
            (Ok(_), Some(value)) => Ok(value),
            (Ok(rows), None) => match self.replay(&rows, mapper).await {
                Some(value) => value,
                None => self.run().await,
            },
            (Err(failure), _) => self.after(failure).await,
        }
    }

    /// The creator, in the caller's own future.
    async fn create_cells(
        &mut self,
        rules: &Rules<V>,
        mapper: Option<TypeId>,
        mine: &mut Option<Shared<V>>,
    ) -> Result<Rows<DB>, Failure<Shared<V>>> {
        self.capture.record();
        let begun = Instant::now();
        let created = create(self.pool, &self.capture, &mut self.running).await;
        let value = Shared::from(created.map_err(Failure::shared)?);
        let rows = Rows::of(self.pool, &self.capture, begun, rules.judge(&value), mapper);
        if let Some(mapper) = mapper {
            rows.views.keep(mapper, value.clone());
        }
        *mine = Some(value);
        Ok(rows)
    }

    /// What the query's own mapper makes of the rows; `None` if they cannot be read.
    pub(super) async fn replay(
        &mut self,
        rows: &Rows<DB>,
        mapper: Option<TypeId>,
    ) -> Option<Result<Shared<V>, Error>> {
        if let Some(value) = mapper.and_then(|mapper| rows.views.get(mapper)) {
            return Some(Ok(value));
        }
        let replayed = rows.replay().await?.ok()?;
        Some(self.map(replayed, rows, mapper).await)
    }

    /// What the query's own mapper makes of these rows, which are those of `rows`.
    pub(super) async fn map(
        &mut self,
        replayed: Vec<DB::Row>,
        rows: &Rows<DB>,
        mapper: Option<TypeId>,
    ) -> Result<Shared<V>, Error> {
        self.capture.release(Route::Rows(replayed));
        let value = Shared::from(self.running.as_mut().await?);
        if let Some(mapper) = mapper {
            rows.views.keep(mapper, value.clone());
        }
        Ok(value)
    }
}

/// The entry, which keeps rows that can be read again and that their query wants kept.
pub(super) fn wanted<DB: CacheDatabase>(
    entry: EntryRef<'_>,
) -> EntryRef<'_, impl Rule<Rows<DB>> + Send + Sync + 'static + use<DB>> {
    entry
        .should_cache(|_, rows: &Rows<DB>| rows.unkept().is_none() && rows.keep != Keep::No)
        .ttl_by(|rows: &Rows<DB>| match rows.keep {
            Keep::For(ttl) => Some(ttl),
            Keep::Yes | Keep::No => None,
        })
}
