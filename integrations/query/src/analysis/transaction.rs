//! Transactions begun and ended by SQL text.

use sqlparser::ast::Statement;

use crate::Dialect;

/// What a statement does to the transaction of the connection it runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransactionText {
    /// A transaction is open afterwards.
    Begins,
    /// None is open afterwards.
    Ends,
}

impl TransactionText {
    pub(crate) const fn of(statement: &Statement, dialect: Dialect) -> Option<Self> {
        // In SQLite the outermost savepoint is a transaction.
        let savepoints = matches!(dialect, Dialect::Sqlite);
        match statement {
            Statement::StartTransaction { .. } => Some(Self::Begins),
            Statement::Savepoint { .. } if savepoints => Some(Self::Begins),
            Statement::Commit { .. } | Statement::Rollback { savepoint: None, .. } => {
                Some(Self::Ends)
            }
            _ => None,
        }
    }
}
