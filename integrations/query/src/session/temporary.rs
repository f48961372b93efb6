//! Temporary tables: they hide others of their name, and what is in them is nobody else's.

use super::words::Words;
use crate::Dialect;
use crate::analysis::{SessionChange, SettingValue};

const TEMPORARY: &[&str] = &["temp", "temporary"];

/// Those that a statement makes or drops.
pub(super) fn tables(statement: Words<'_>, dialect: Dialect) -> Vec<SessionChange> {
    let local = dialect == Dialect::Postgres
        && statement.0.windows(3).any(|run| Words(run).eat_all(&["on", "commit", "drop"]));
    let mut rest = statement;
    if rest.eat("drop") {
        return dropped(rest);
    }
    let made = if rest.eat("create") { created(rest) } else { selected_into(rest) };
    let set = |name: String| SessionChange::Set {
        setting: format!("table {name}").into(),
        value: SettingValue::Computed,
        local,
    };
    made.map(set).into_iter().collect()
}

fn created(mut rest: Words<'_>) -> Option<String> {
    rest.eat_all(&["or", "replace"]);
    rest.eat_any(&["global", "local"]);
    let temporary = rest.eat_any(TEMPORARY);
    rest.eat("recursive");
    if !rest.eat_any(&["table", "view", "sequence"]) {
        return None;
    }
    rest.eat_all(&["if", "not", "exists"]);
    let name = rest.name()?;
    let bare = unqualified(&name);
    if temporary { Some(bare.unwrap_or(&name).to_owned()) } else { temporary_by_schema(&name) }
}

fn selected_into(rest: Words<'_>) -> Option<String> {
    let into = rest.0.windows(2).position(|pair| {
        let mut pair = Words(pair);
        pair.eat("into") && pair.eat_any(TEMPORARY)
    })?;
    let mut rest = Words(&rest.0[into + 2..]);
    rest.eat("table");
    rest.name()
}

fn dropped(mut rest: Words<'_>) -> Vec<SessionChange> {
    rest.eat_any(TEMPORARY);
    if !rest.eat_any(&["table", "view", "sequence"]) {
        return Vec::new();
    }
    rest.eat_all(&["if", "exists"]);
    let names = rest.split().into_iter().filter_map(|mut name| name.name());
    let mine = names.filter_map(|name| unqualified(&name).map(str::to_owned));
    mine.map(|name| SessionChange::Reset(format!("table {name}").into())).collect()
}

/// The table's own name, unless it has the schema of tables that last.
fn unqualified(name: &str) -> Option<&str> {
    match name.split_once('.') {
        None => Some(name),
        Some(("temp" | "pg_temp", table)) => Some(table),
        Some(_) => None,
    }
}

fn temporary_by_schema(name: &str) -> Option<String> {
    name.contains('.').then(|| unqualified(name).map(str::to_owned)).flatten()
}
