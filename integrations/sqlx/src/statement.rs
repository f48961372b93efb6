//! A statement taken out of whatever query it came in.

use sqlx::error::BoxDynError;
use sqlx::{Database, Execute, SqlStr};

use crate::hearing::Ear;

/// SQL with its arguments, ready to be run on any connection.
///
/// sqlx's own pair of SQL and arguments would forget whether the query asked for its prepared
/// statement to be kept.
#[derive(Debug)]
pub struct Statement<DB: Database> {
    pub(crate) sql: SqlStr,
    pub(crate) arguments: Option<DB::Arguments>,
    persistent: bool,
    /// Who hears of it when it is sent.
    pub(crate) ear: Option<Ear>,
}

impl<DB: Database> Statement<DB> {
    /// Takes arguments and SQL out of a query, in the order in which that is possible.
    ///
    /// # Errors
    ///
    /// [`sqlx::Error::Encode`] if an argument could not be encoded.
    pub fn take<'q>(mut query: impl Execute<'q, DB>) -> Result<Self, sqlx::Error> {
        let arguments = query.take_arguments().map_err(sqlx::Error::Encode)?;
        let persistent = query.persistent();
        Ok(Self { sql: query.sql(), arguments, persistent, ear: None })
    }

    /// The same statement, of which `ear` hears when it is sent to the database.
    #[must_use]
    pub fn heard_by(self, ear: Option<Ear>) -> Self {
        Self { ear, ..self }
    }

    /// The same once more, of which nobody hears.
    pub(crate) fn again(&self) -> Self
    where
        DB::Arguments: Clone,
    {
        let (sql, arguments) = (self.sql.clone(), self.arguments.clone());
        Self { sql, arguments, persistent: self.persistent, ear: None }
    }
}

impl<DB: Database<Arguments: Send>> Execute<'_, DB> for Statement<DB> {
    fn sql(self) -> SqlStr {
        self.sql
    }

    fn statement(&self) -> Option<&DB::Statement> {
        None
    }

    fn take_arguments(&mut self) -> Result<Option<DB::Arguments>, BoxDynError> {
        Ok(self.arguments.take())
    }

    fn persistent(&self) -> bool {
        self.persistent
    }
}
