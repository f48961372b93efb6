//! What the catalog says of the functions that a statement calls.

use super::relation::Routine;
use super::{Relations, Volatility};
use crate::{Analysis, Bypass, Dialect, TableName};

impl Relations {
    /// Why the result of `analysis` may not be cached, with what is known of the functions it calls.
    pub(super) fn bypass_of(&self, analysis: &Analysis) -> Option<Bypass> {
        let Some(calls) = analysis.calls.as_deref() else { return analysis.bypass().cloned() };
        if calls.functions.iter().any(|function| !self.is_constant(function)) {
            return analysis.bypass().cloned();
        }
        calls.bypass.clone()
    }

    /// Whether all that `analysis` may write beyond the tables it names is what functions write that
    /// are known.
    pub(super) fn calls_tell(&self, analysis: &Analysis) -> bool {
        analysis.calls.as_deref().is_some_and(|calls| {
            let known = |function: &TableName| self.routines_named(function).next().is_some();
            !calls.flushes && calls.functions.iter().all(known)
        })
    }

    /// The functions and procedures that a name may stand for.
    pub(super) fn routines_named<'r>(
        &'r self,
        name: &'r TableName,
    ) -> impl Iterator<Item = &'r Routine> {
        let all = self.routines_by_name.get(name.name()).map(Vec::as_slice).unwrap_or_default();
        all.iter().map(|at| &self.routines[*at]).filter(|routine| {
            name.schema().is_none_or(|schema| routine.name.schema() == Some(schema))
        })
    }

    /// Whether a call has the same result for the same arguments, whoever writes.
    fn is_constant(&self, function: &TableName) -> bool {
        let mut all = self.routines_named(function).peekable();
        let constant =
            |routine: &Routine| routine.volatility == Volatility::Immutable && !self.reads(routine);
        all.peek().is_some() && all.all(constant)
    }

    /// PostgreSQL's own planner believes what is said of a function; MySQL asks for the word
    /// `DETERMINISTIC` where a function reads tables too.
    fn reads(&self, routine: &Routine) -> bool {
        if self.analyzer.dialect() == Dialect::Postgres {
            return false;
        }
        let touched = self.touched(&routine.body);
        touched.anything || !touched.relations.is_empty()
    }

    /// Whether a call may write. PostgreSQL lets no function that is not volatile.
    pub(super) fn may_write(&self, routine: &Routine) -> bool {
        let postgres = self.analyzer.dialect() == Dialect::Postgres;
        !postgres || routine.volatility == Volatility::Volatile
    }
}

impl Bypass {
    /// The same, and where it is.
    pub(super) fn within(self, place: impl std::fmt::Display) -> Self {
        let detail = match self.detail() {
            "" => format!("in {place}"),
            detail => format!("{detail} in {place}"),
        };
        let mend = self.how_to_mend().map(str::to_owned);
        let bypass = Self::new(self.reason(), detail);
        match mend {
            Some(mend) => bypass.with_mend(mend),
            None => bypass,
        }
    }
}
