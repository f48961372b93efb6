//! SQLite's date and time functions: deterministic, except when they ask the clock or the machine's
//! time zone.
//!
//! * No time value, or a literal `now` anywhere: volatile.
//! * A parameter: it may be `now` at run time, a usual thing to pass. Bypassed, unless it is glued to
//!   text that rules this out, as in `date(d, '-' || ? || ' days')`.
//! * A column or an expression over columns: taken as deterministic. A column that holds the *text*
//!   `now` would be wrong; dates kept as the word "now" do not occur in practice, and bypassing
//!   would lose every report that groups by `strftime('%Y', col)`.
//! * The modifiers `localtime` and `utc`: session state.

use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Value,
    ValueWithSpan, Visit, Visitor,
};

use crate::analysis::{Bypass, BypassReason};

/// What stands in the way of caching this call. The time value is the argument at `position`.
pub(super) fn obstacle(function: &Function, position: usize) -> Option<Bypass> {
    let arguments = arguments(function);
    if arguments.len() <= position {
        let bypass = Bypass::new(BypassReason::Volatile, format!("{}()", function.name));
        return Some(bypass.with_mend("pass the time as a parameter of the comparison"));
    }
    let implied = is_implied_now(arguments[position]);
    let arguments = arguments.into_iter().skip(position);
    implied
        .then(|| current_time(function))
        .or_else(|| arguments.into_iter().find_map(|argument| in_argument(function, argument)))
}

/// `unixepoch('subsec')` is short for `unixepoch('now', 'subsec')`.
fn is_implied_now(time: &Expr) -> bool {
    let Expr::Value(value) = time else { return false };
    let Value::SingleQuotedString(text) = &value.value else { return false };
    ["subsec", "subsecond"].iter().any(|word| text.trim().eq_ignore_ascii_case(word))
}

fn current_time(function: &Function) -> Bypass {
    let bypass = Bypass::new(BypassReason::Volatile, format!("{}('now')", function.name));
    bypass.with_mend("compute the time in the program and compare with a parameter")
}

fn arguments(function: &Function) -> Vec<&Expr> {
    let FunctionArguments::List(list) = &function.args else {
        return Vec::new();
    };
    let expression = |argument| match argument {
        &FunctionArg::Unnamed(FunctionArgExpr::Expr(ref expr)) => Some(expr),
        _ => None,
    };
    list.args.iter().filter_map(expression).collect()
}

fn in_argument(function: &Function, argument: &Expr) -> Option<Bypass> {
    if is_glued(argument) {
        return None;
    }
    let mut finder = Finder::default();
    let _ = argument.visit(&mut finder);
    let name = &function.name;
    if finder.now {
        return Some(current_time(function));
    }
    if let Some(modifier) = finder.zone {
        return Some(Bypass::new(BypassReason::Session, format!("{name}(.., '{modifier}')")));
    }
    finder.placeholder.then(|| {
        let detail = format!("{name}(?): the parameter may be 'now'");
        let mend = "compute the time in the program and compare with the parameter itself";
        Bypass::new(BypassReason::Volatile, detail).with_mend(mend)
    })
}

/// A concatenation with text that no special word contains.
fn is_glued(expr: &Expr) -> bool {
    match expr {
        Expr::Nested(inner) => is_glued(inner),
        Expr::BinaryOp { left, op: BinaryOperator::StringConcat, right } => {
            [left, right].into_iter().any(|side| match &**side {
                Expr::Value(value) => match &value.value {
                    Value::SingleQuotedString(text) => !text.chars().all(char::is_alphabetic),
                    _ => false,
                },
                side => is_glued(side),
            })
        }
        _ => false,
    }
}

#[derive(Default)]
struct Finder {
    now: bool,
    zone: Option<String>,
    placeholder: bool,
}

impl Visitor for Finder {
    type Break = ();

    fn pre_visit_value(&mut self, value: &ValueWithSpan) -> ControlFlow<Self::Break> {
        match &value.value {
            Value::Placeholder(_) => self.placeholder = true,
            Value::SingleQuotedString(text) | Value::DoubleQuotedString(text) => {
                let text = text.trim().to_ascii_lowercase();
                self.now |= text == "now";
                if ["localtime", "utc"].contains(&text.as_str()) {
                    self.zone.get_or_insert(text);
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<Self::Break> {
        // SQLite reads "now" as text where no column has that name.
        if let Expr::Identifier(ident) = expr {
            self.now |= ident.quote_style.is_some() && ident.value.eq_ignore_ascii_case("now");
        }
        ControlFlow::Continue(())
    }
}
