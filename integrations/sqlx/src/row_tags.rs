//! The tags of a statement, as far down to rows as is known.

use dogpile::{Digest, Tags};
use dogpile_query::{Analysis, KeyValue, TableName, tags};

use crate::database::CacheDatabase;
use crate::pool::CachedPool;
use crate::statement::Statement;

/// What a read depends on.
pub(crate) enum Dependence {
    Known(Tags),
    /// It may be one row, of a table whose key is not known yet.
    Ask(TableName),
}

impl<DB: CacheDatabase> CachedPool<DB> {
    /// What `statement`, which is kept under `key` and of which `analysis` tells, depends on: the row
    /// it is limited to by its table's key, or its tables.
    pub(crate) fn dependence(
        &self,
        key: Digest,
        analysis: &Analysis,
        statement: &Statement<DB>,
    ) -> Dependence {
        let Some(filter) = analysis.row() else {
            return Dependence::Known(analysis.read_tags().clone());
        };
        // Before anything is asked for: what is found out of a schema that has changed meanwhile is
        // remembered as that of the one before.
        let generation = self.catalog().generation();
        if let Some(known) = self.catalog().row(key, generation) {
            return Dependence::Known(known);
        }
        let Some(belief) = self.catalog().get(filter.table()) else {
            return Dependence::Ask(filter.table().clone());
        };
        let row = belief.as_ref().as_ref().and_then(|key| key.row_of(filter, argument(statement)));
        let tags = match row {
            Some(row) => tags::read_row(filter.table(), &row).prepared(),
            None => analysis.read_tags().clone(),
        };
        self.catalog().remember_row(key, generation, &tags);
        Dependence::Known(tags)
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
        if *analysis.writes() != [table.clone()] || analysis.flushes() {
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
        self.rows_written(analysis, statement).unwrap_or_else(|| analysis.write_tags().clone())
    }
}

fn argument<DB: CacheDatabase>(
    statement: &Statement<DB>,
) -> impl Fn(usize) -> Option<KeyValue> + Copy + '_ {
    |index| statement.arguments.as_ref().and_then(|arguments| DB::argument(arguments, index))
}
