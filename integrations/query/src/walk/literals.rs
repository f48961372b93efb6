//! Literals that PostgreSQL turns into the current time or looks up in its catalog.

use sqlparser::ast::{DataType, Expr, TypedString, Value, ValueWithSpan};

use super::Walker;
use crate::Dialect;
use crate::analysis::{Bypass, BypassReason};

const MOVING: &[&str] = &["now", "today", "tomorrow", "yesterday"];

impl Walker<'_> {
    /// A string without a type takes the type of what it is compared with: `created < 'now'`.
    pub(super) fn value(&mut self, value: &ValueWithSpan) {
        if self.dialect() != Dialect::Postgres {
            return;
        }
        if let Some(text) = text(&value.value)
            && is_moving(text, false)
        {
            self.moving(text);
        }
    }

    pub(super) fn cast(&mut self, expr: &Expr, data_type: &DataType) {
        if self.dialect() != Dialect::Postgres {
            return;
        }
        let to = data_type.to_string().to_ascii_lowercase();
        let catalog = to.strip_prefix("pg_catalog.").unwrap_or(&to).starts_with("reg");
        if catalog {
            self.obstacle(Bypass::new(BypassReason::SystemCatalog, to));
        }
        if let Expr::Value(value) = expr
            && let Some(text) = text(&value.value)
            && is_moving(text, true)
        {
            self.moving(text);
        }
    }

    pub(super) fn typed_string(&mut self, typed: &TypedString) {
        if self.dialect() == Dialect::Postgres
            && let Some(text) = text(&typed.value.value)
            && is_moving(text, true)
        {
            self.moving(text);
        }
    }

    fn moving(&mut self, text: &str) {
        let bypass = Bypass::new(BypassReason::Volatile, format!("'{text}'"));
        self.obstacle(bypass.with_mend("pass the time as a parameter"));
    }
}

/// `typed` if the string is known to become a time; otherwise only what can hardly be a word of
/// its own counts.
fn is_moving(text: &str, typed: bool) -> bool {
    let mut words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let moving = |word: &str| MOVING.iter().any(|m| word.eq_ignore_ascii_case(m));
    if typed {
        return words.any(moving);
    }
    words.next().is_some_and(moving)
        && words.all(|word| word.starts_with(|c: char| c.is_ascii_digit()))
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::SingleQuotedString(text)
        | Value::EscapedStringLiteral(text)
        | Value::UnicodeStringLiteral(text)
        | Value::NationalStringLiteral(text) => Some(text),
        Value::DollarQuotedString(quoted) => Some(&quoted.value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::is_moving;

    #[test]
    fn the_current_time_in_words() {
        for text in ["now", " NOW ", "today", "tomorrow 10:00", "Yesterday"] {
            assert!(is_moving(text, false), "{text}");
            assert!(is_moving(text, true), "{text}");
        }
        assert!(is_moving("10:00 today", true));
        for text in ["known", "2024-01-01", "now or never", "epoch", "infinity", ""] {
            assert!(!is_moving(text, false), "{text}");
        }
    }
}
