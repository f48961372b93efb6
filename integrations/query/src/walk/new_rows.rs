//! The rows that a plain `INSERT` adds.

use sqlparser::ast::{Expr, Ident, Insert, Query, SetExpr, Statement, TableObject};

use super::row::{ROWIDS, value};
use crate::analysis::{Analysis, Kind, NewRows, RowValue};
use crate::parse::Placeholders;
use crate::{Dialect, TableName};

/// Of inserts with more rows than these the rows are not told one by one.
const MOST_ROWS: usize = 16;

/// `None` if the statement may do anything else than to add rows that its text tells.
pub(super) fn of(
    statement: &Statement,
    analysis: &Analysis,
    dialect: Dialect,
    placeholders: &Placeholders,
) -> Option<NewRows> {
    let Statement::Insert(insert) = statement else { return None };
    if analysis.flushes || analysis.kind != Kind::Write || !is_plain(insert) {
        return None;
    }
    let TableObject::TableName(name) = &insert.table else { return None };
    let table = TableName::from_object(dialect, name)?;
    let columns = columns(insert, dialect)?;
    let rows: Option<Box<[_]>> = rows_of(insert)?
        .map(|row| (row.len() == columns.len()).then(|| values(row, placeholders)))
        .collect();
    let rows = rows.filter(|rows| (1..=MOST_ROWS).contains(&rows.len()))?;
    (*analysis.writes == [table.clone()]).then_some(NewRows { table, columns, rows })
}

/// Meets no row that is there.
fn is_plain(insert: &Insert) -> bool {
    let meets = insert.or.is_some() || insert.ignore || insert.replace_into || insert.overwrite;
    let strange = insert.partitioned.is_some()
        || !insert.after_columns.is_empty()
        || !insert.assignments.is_empty()
        || !insert.multi_table_into_clauses.is_empty();
    !meets && !strange && insert.on.is_none()
}

/// The columns; `None` where the text does not name them, or names a key by another name.
fn columns(insert: &Insert, dialect: Dialect) -> Option<Box<[Box<str>]>> {
    let column = |ident: &Ident| dialect.fold(ident);
    let names: Option<Box<[Box<str>]>> = insert
        .columns
        .iter()
        .map(|name| name.0.last().and_then(|part| part.as_ident()).map(column))
        .collect();
    let is_key = |name: &str| dialect == Dialect::Sqlite && ROWIDS.contains(&name);
    names.filter(|names| !names.is_empty() && !names.iter().any(|name| is_key(name)))
}

fn rows_of(insert: &Insert) -> Option<impl Iterator<Item = &[Expr]>> {
    let Query { with: None, body, order_by: None, limit_clause: None, fetch: None, .. } =
        insert.source.as_deref()?
    else {
        return None;
    };
    let SetExpr::Values(values) = &**body else { return None };
    Some(values.rows.iter().map(|row| row.content.as_slice()))
}

fn values(row: &[Expr], placeholders: &Placeholders) -> Box<[Option<RowValue>]> {
    row.iter().map(|expr| value(expr, placeholders)).collect()
}
