//! The tags of a statement, as far down to rows as is known.

use dogpile::{Digest, Tags};
use dogpile_query::{Analysis, KeyValue, tags};

use crate::catalog::Dependence;
use crate::database::CacheDatabase;
use crate::pool::CachedPool;
use crate::statement::Statement;

impl<DB: CacheDatabase> CachedPool<DB> {
    /// What `statement`, which is kept under `key` and of which `analysis` tells, depends on: the row
    /// it is limited to by its table's key, or its tables.
    pub(crate) fn dependence(
        &self,
        key: Digest,
        analysis: &Analysis,
        statement: &Statement<DB>,
    ) -> Dependence {
        let sql = statement.sql.as_str();
        let Some(filter) = analysis.row().filter(|_| self.asks_catalog()) else {
            return self.tables_read(analysis, sql);
        };
        // Before anything is asked for: what is found out of a schema that has changed meanwhile is
        // remembered as that of the one before.
        let generation = self.catalog().generation();
        if let Some(known) = self.catalog().row(key, generation) {
            return Dependence::Known(known);
        }
        let tables = match self.tables_read(analysis, sql) {
            Dependence::Known(tables) => tables,
            other => return other,
        };
        let Some(belief) = self.catalog().get(filter.table()) else {
            return Dependence::AskKey(filter.table().clone(), tables);
        };
        let row = belief.as_ref().as_ref().and_then(|key| key.row_of(filter, argument(statement)));
        let tags = match row {
            Some(row) => tags::read_row(filter.table(), &row).prepared(),
            None => tables,
        };
        self.catalog().remember_row(key, generation, &tags);
        Dependence::Known(tags)
    }

    /// What the read `analysis` of `sql` depends on, by table.
    fn tables_read(&self, analysis: &Analysis, sql: &str) -> Dependence {
        match self.asks_catalog() {
            true => self.catalog().depends(analysis, sql),
            false => Dependence::Known(analysis.read_tags().clone()),
        }
    }

    /// What the write `analysis` of `sql` moves, by table.
    pub(crate) fn tables_written(&self, analysis: &Analysis, sql: &str) -> Tags {
        match self.asks_catalog() {
            true => self.catalog().moved(analysis, sql),
            false => analysis.write_tags().clone(),
        }
    }

    /// What `statement` writes, if it is known to touch certain rows alone.
    pub(crate) fn rows_written(
        &self,
        analysis: &Analysis,
        statement: &Statement<DB>,
    ) -> Option<Tags> {
        let table = match (analysis.row(), analysis.new_rows()) {
            (Some(filter), _) => filter.table(),
            (None, new) => new?.table(),
        };
        if *analysis.writes() != [table.clone()] || analysis.flushes() || !self.asks_catalog() {
            return None;
        }
        let Some(belief) = self.catalog().get(table) else {
            self.catalog().want(table);
            return None;
        };
        let key = belief.as_ref().as_ref()?;
        let rows = match (analysis.row(), analysis.new_rows()) {
            (Some(filter), _) => vec![key.row_written(filter, argument(statement))?],
            (None, new) => key.rows_added(new?, argument(statement))?,
        };
        Some(tags::written_rows(table, &rows))
    }

    /// What `statement` writes, as far down to rows as is known.
    pub(crate) fn written(&self, analysis: &Analysis, statement: &Statement<DB>) -> Tags {
        let rows = self.rows_written(analysis, statement);
        rows.unwrap_or_else(|| self.tables_written(analysis, statement.sql.as_str()))
    }
}

fn argument<DB: CacheDatabase>(
    statement: &Statement<DB>,
) -> impl Fn(usize) -> Option<KeyValue> + Copy + '_ {
    |index| statement.arguments.as_ref().and_then(|arguments| DB::argument(arguments, index))
}
