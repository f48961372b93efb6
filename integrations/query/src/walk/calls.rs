//! Function calls, and the words that are calls without brackets.

use sqlparser::ast::{Expr, Function, FunctionArguments, Ident, ObjectName};

use super::{Walker, sqlite_time};
use crate::analysis::{Bypass, BypassReason, Changes};
use crate::functions::Nature;
use crate::{Dialect, TableName};

impl Walker<'_> {
    pub(super) fn expression(&mut self, expr: &Expr) {
        match expr {
            Expr::Function(function) => self.call(function),
            Expr::Identifier(ident) => self.bare_word(ident),
            Expr::CompoundIdentifier(parts) => self.dotted(parts),
            Expr::Cast { expr, data_type, .. } => self.cast(expr, data_type),
            Expr::TypedString(typed) => self.typed_string(typed),
            _ => {}
        }
    }

    fn call(&mut self, function: &Function) {
        self.touch(&function.name);
        match self.functions.nature(&function.name) {
            Nature::Pure => {}
            Nature::PureWith(arguments) => {
                if count_arguments(function) < arguments {
                    self.volatile(function);
                }
            }
            Nature::Time(position) => {
                if let Some(bypass) = sqlite_time::obstacle(function, position) {
                    self.obstacle(bypass);
                }
            }
            Nature::Volatile => self.volatile(function),
            Nature::Session => self.obstacle(Bypass::new(BypassReason::Session, shown(function))),
            Nature::Catalog => {
                self.obstacle(Bypass::new(BypassReason::SystemCatalog, shown(function)));
            }
            Nature::Unknown => self.unknown(function),
        }
    }

    /// Notes what a function or procedure touches, where that was declared. Says whether it was.
    pub(super) fn touch(&mut self, name: &ObjectName) -> bool {
        let Some(touches) = self.functions.declared(name) else { return false };
        self.reads.extend(touches.reads.iter().cloned());
        if self.writes_count && !touches.writes.is_empty() {
            self.writes.extend(touches.writes.iter().cloned());
            (self.modifies, self.changes) = (true, Changes::ALL);
        }
        true
    }

    fn volatile(&mut self, function: &Function) {
        let bypass = Bypass::new(BypassReason::Volatile, shown(function));
        self.obstacle(
            bypass.with_mend("compute the value in the program and pass it as a parameter"),
        );
    }

    fn unknown(&mut self, function: &Function) {
        let name = &function.name;
        let bypass = Bypass::new(BypassReason::UnknownFunction, shown(function)).with_mend(format!(
            "if `{name}` is deterministic and touches no tables, declare it with `deterministic_function`"
        ));
        match TableName::from_object(self.dialect(), name) {
            Some(name) => {
                self.calls.insert(name);
                self.bypass.get_or_insert(bypass);
            }
            None => {
                self.flushes |= self.functions.unknown_may_write();
                self.obstacle(bypass);
            }
        }
    }

    pub(super) fn bare_word(&mut self, ident: &Ident) {
        if ident.quote_style.is_some() {
            return;
        }
        if let Some(reason) = bare_call(self.dialect(), &ident.value) {
            self.obstacle(Bypass::new(reason, ident.value.clone()));
        }
    }

    fn dotted(&mut self, parts: &[Ident]) {
        let (Some(first), Some(last)) = (parts.first(), parts.last()) else {
            return;
        };
        if self.dialect() != Dialect::MySql {
            return;
        }
        if first.quote_style.is_none() && first.value.starts_with('@') {
            self.obstacle(Bypass::new(BypassReason::Session, first.value.clone()));
        }
        // MariaDB's Oracle mode: `seq.NEXTVAL`.
        if ["nextval", "currval"].iter().any(|word| last.value.eq_ignore_ascii_case(word)) {
            self.obstacle(Bypass::new(BypassReason::Volatile, last.value.clone()));
        }
    }
}

fn shown(function: &Function) -> String {
    let brackets = if function.args == FunctionArguments::None { "" } else { "()" };
    format!("{}{brackets}", function.name)
}

fn count_arguments(function: &Function) -> usize {
    match &function.args {
        FunctionArguments::None => 0,
        FunctionArguments::Subquery(_) => 1,
        FunctionArguments::List(list) => list.args.len(),
    }
}

/// Words that are evaluated like a call wherever they stand for a value.
fn bare_call(dialect: Dialect, word: &str) -> Option<BypassReason> {
    let is_one_of = |words: &[&str]| words.iter().any(|w| word.eq_ignore_ascii_case(w));
    let clock = is_one_of(&["current_date", "current_time", "current_timestamp"]);
    let session = match dialect {
        Dialect::Sqlite => false,
        Dialect::Postgres => is_one_of(&[
            "current_catalog",
            "current_role",
            "current_schema",
            "current_user",
            "session_user",
            "system_user",
            "user",
        ]),
        Dialect::MySql => word.starts_with('@') || is_one_of(&["current_user", "current_role"]),
    };
    let clock = clock
        || match dialect {
            Dialect::Sqlite => false,
            Dialect::Postgres => is_one_of(&["localtime", "localtimestamp"]),
            Dialect::MySql => is_one_of(&[
                "localtime",
                "localtimestamp",
                "utc_date",
                "utc_time",
                "utc_timestamp",
                "sysdate",
            ]),
        };
    match (clock, session) {
        (true, _) => Some(BypassReason::Volatile),
        (false, true) => Some(BypassReason::Session),
        (false, false) => None,
    }
}
