//! Columns that a statement on one table pins by equality.

use sqlparser::ast::{
    AssignmentTarget, BinaryOperator, Delete, Expr, FromTable, Query, Select, SetExpr, Statement,
    TableFactor, TableWithJoins, UnaryOperator, Update, Value, Visit, Visitor,
};
use std::ops::ControlFlow;

use crate::analysis::{Analysis, ColumnPin, Kind, RowFilter, RowValue};
use crate::parse::Placeholders;
use crate::{Dialect, TableName};

/// Other names of an `INTEGER PRIMARY KEY` in SQLite: to assign one is to assign the key.
pub(super) const ROWIDS: [&str; 3] = ["rowid", "_rowid_", "oid"];

/// `None` if the statement may touch any row of its table, or more than one table.
pub(super) fn filter(
    statement: &Statement,
    analysis: &Analysis,
    dialect: Dialect,
    placeholders: &Placeholders,
) -> Option<RowFilter> {
    if analysis.flushes || !matches!(analysis.kind, Kind::Read | Kind::Write) {
        return None;
    }
    let (table, condition) = match statement {
        Statement::Query(query) => from_query(query)?,
        Statement::Update(update) => from_update(update)?,
        Statement::Delete(delete) => from_delete(delete)?,
        _ => return None,
    };
    let subqueries = usize::from(matches!(statement, Statement::Query(_)));
    if count_queries(statement) > subqueries {
        return None;
    }
    let table = TableName::from_object(dialect, plain_table(table)?)?;
    let named = analysis.reads.len() + analysis.writes.len() == 1;
    let mut pins = Pins { dialect, placeholders, found: Vec::new() };
    pins.conjunction(condition?);
    if let Statement::Update(update) = statement {
        if ROWIDS.iter().any(|rowid| dialect == Dialect::Sqlite && assigns(update, rowid, dialect))
        {
            return None;
        }
        pins.found.retain(|pin| !assigns(update, &pin.column, dialect));
    }
    let pins: Box<[_]> = pins.found.into();
    let removes = matches!(statement, Statement::Delete(_));
    (named && !pins.is_empty()).then_some(RowFilter { table, pins, removes })
}

type Parts<'a> = (&'a TableWithJoins, Option<&'a Expr>);

fn from_query(query: &Query) -> Option<Parts<'_>> {
    let Query { with: None, body, .. } = query else {
        return None;
    };
    let SetExpr::Select(select) = &**body else {
        return None;
    };
    let Select { from, selection, .. } = &**select;
    match from.as_slice() {
        [table] => Some((table, selection.as_ref())),
        _ => None,
    }
}

fn from_update(update: &Update) -> Option<Parts<'_>> {
    // `UPDATE OR REPLACE` may remove other rows than those it updates.
    let plain = update.from.is_none() && update.or.is_none();
    plain.then_some((&update.table, update.selection.as_ref()))
}

fn from_delete(delete: &Delete) -> Option<Parts<'_>> {
    let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
    match from.as_slice() {
        [table] if delete.using.is_none() && delete.tables.is_empty() => {
            Some((table, delete.selection.as_ref()))
        }
        _ => None,
    }
}

fn plain_table(table: &TableWithJoins) -> Option<&sqlparser::ast::ObjectName> {
    match &table.relation {
        // Which rows a sample has depends on the others.
        TableFactor::Table { name, args: None, version: None, sample: None, .. }
            if table.joins.is_empty() =>
        {
            Some(name)
        }
        _ => None,
    }
}

fn count_queries(statement: &Statement) -> usize {
    #[derive(Default)]
    struct Count(usize);
    impl Visitor for Count {
        type Break = ();
        fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
            self.0 += 1;
            ControlFlow::Continue(())
        }
    }
    let mut count = Count::default();
    let _ = statement.visit(&mut count);
    count.0
}

/// The row moves to another value of this column: limited to the old one it is not.
fn assigns(update: &Update, column: &str, dialect: Dialect) -> bool {
    let is_column = |name: &sqlparser::ast::ObjectName| {
        let last = name.0.last().and_then(|part| part.as_ident());
        last.is_none_or(|ident| *dialect.fold(ident) == *column)
    };
    update.assignments.iter().any(|assignment| match &assignment.target {
        AssignmentTarget::ColumnName(name) => is_column(name),
        AssignmentTarget::Tuple(names) => names.iter().any(is_column),
    })
}

struct Pins<'a> {
    dialect: Dialect,
    placeholders: &'a Placeholders,
    found: Vec<ColumnPin>,
}

impl Pins<'_> {
    /// Goes through what is `AND`ed. Without recursion: the chain may be long.
    fn conjunction(&mut self, condition: &Expr) {
        let mut open = vec![condition];
        while let Some(expr) = open.pop() {
            match expr {
                Expr::Nested(inner) => open.push(inner),
                Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
                    open.extend([&**right, &**left]);
                }
                Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => {
                    let pin = self.pin(left, right).or_else(|| self.pin(right, left));
                    self.found.extend(pin.filter(|pin| self.is_new(pin)));
                }
                _ => {}
            }
        }
    }

    fn is_new(&self, pin: &ColumnPin) -> bool {
        self.found.iter().all(|known| known.column != pin.column)
    }

    fn pin(&self, column: &Expr, value: &Expr) -> Option<ColumnPin> {
        let ident = match column {
            Expr::Identifier(ident) => ident,
            Expr::CompoundIdentifier(parts) => parts.last()?,
            _ => return None,
        };
        Some(ColumnPin {
            column: self.dialect.fold(ident),
            value: self::value(value, self.placeholders)?,
        })
    }
}

/// What an expression is, if it is one value.
pub(super) fn value(expr: &Expr, placeholders: &Placeholders) -> Option<RowValue> {
    match expr {
        Expr::Nested(inner) => match &**inner {
            Expr::Nested(_) => None,
            inner => value(inner, placeholders),
        },
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => match &**expr {
            Expr::Value(value) => match &value.value {
                Value::Number(digits, _) => {
                    format!("-{digits}").parse().ok().map(RowValue::Integer)
                }
                _ => None,
            },
            _ => None,
        },
        Expr::Value(value) => match &value.value {
            Value::Placeholder(text) => {
                placeholders.index_of(text, value.span.start).map(RowValue::Placeholder)
            }
            Value::Number(digits, _) => digits.parse().ok().map(RowValue::Integer),
            Value::SingleQuotedString(text) => Some(RowValue::Text(text.as_str().into())),
            _ => None,
        },
        _ => None,
    }
}
