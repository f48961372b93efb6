//! PostgreSQL: `SET`, `RESET`, `DISCARD`.

use sqlparser::tokenizer::Token;

use super::words::Words;
use super::{says, set};
use crate::analysis::{SessionChange, SettingValue};

/// Settings that no row of a `SELECT` depends on: limits, messages, plans, logs, transactions.
const HARMLESS: &str = "
    application_name statement_timeout lock_timeout idle_in_transaction_session_timeout
    idle_session_timeout transaction_timeout deadlock_timeout client_connection_check_interval
    work_mem maintenance_work_mem logical_decoding_work_mem temp_buffers temp_file_limit
    hash_mem_multiplier max_stack_depth synchronous_commit commit_delay commit_siblings
    client_min_messages effective_cache_size effective_io_concurrency
    maintenance_io_concurrency seq_page_cost random_page_cost from_collapse_limit
    join_collapse_limit default_statistics_target constraint_exclusion cursor_tuple_fraction
    plan_cache_mode recursive_worktable_factor stats_fetch_consistency parallel_leader_participation
    parallel_setup_cost parallel_tuple_cost force_parallel_mode debug_parallel_query
    check_function_bodies default_tablespace temp_tablespaces default_table_access_method
    default_toast_compression default_transaction_isolation default_transaction_read_only
    default_transaction_deferrable transaction_isolation transaction_read_only
    transaction_deferrable escape_string_warning backslash_quote seed lo_compat_privileges
    event_triggers compute_query_id";
const HARMLESS_PREFIXES: &[&str] = &[
    "auto_explain.",
    "autovacuum_",
    "cpu_",
    "debug_print_",
    "enable_",
    "geqo",
    "gin_",
    "jit",
    "log_",
    "max_parallel_",
    "min_parallel_",
    "pg_stat_statements.",
    "tcp_",
    "track_",
    "vacuum_",
    "wal_",
];

pub(super) fn command(verb: &str, rest: Words<'_>) -> Option<Vec<SessionChange>> {
    let change = match verb {
        "set" => assignment(rest).unwrap_or(SessionChange::Unknown),
        "reset" => reset(rest).unwrap_or(SessionChange::Unknown),
        "discard" => discard(rest),
        // A transaction that waits to be committed is nobody's session any more.
        "prepare" if Words(rest.0).eat("transaction") => SessionChange::Unknown,
        "load" => SessionChange::Unknown,
        _ => return None,
    };
    Some(vec![change])
}

fn assignment(mut rest: Words<'_>) -> Option<SessionChange> {
    let (session, local) = (rest.eat("session"), rest.eat("local"));
    if session && rest.eat("characteristics") {
        return Some(SessionChange::Harmless);
    }
    if session && rest.eat("authorization") {
        return Some(given("session_authorization", rest, local));
    }
    let short = [
        (&["session", "authorization"][..], "session_authorization"),
        (&["time", "zone"], "timezone"),
        (&["xml", "option"], "xmloption"),
        (&["names"], "client_encoding"),
        (&["schema"], "search_path"),
        (&["seed"], "seed"),
        (&["role"], "role"),
    ];
    let plain = rest;
    if let Some((_, name)) = short.iter().find(|(words, _)| rest.eat_all(words))
        && !begins_value(rest)
    {
        return Some(given(name, rest, local));
    }
    rest = plain;
    if rest.eat_any(&["transaction", "constraints"]) && !begins_value(rest) {
        return Some(SessionChange::Harmless);
    }
    rest = plain;
    let name = rest.name()?;
    (rest.eat_token(&Token::Eq) || rest.eat("to")).then(|| given(&name, rest, local))
}

fn begins_value(mut rest: Words<'_>) -> bool {
    rest.next_is(&Token::Eq) || rest.next_is(&Token::Period) || rest.eat("to")
}

/// A setting is given the rest of the statement.
fn given(name: &str, rest: Words<'_>, local: bool) -> SessionChange {
    let mut word = rest;
    let default =
        rest.0.is_empty() || word.eat("default") || name == "timezone" && word.eat("local");
    if default && word.0.is_empty() && !is_harmless(name) && !local {
        return SessionChange::Reset(name.into());
    }
    let SessionChange::Set { value, .. } = set(name, rest, local) else {
        return SessionChange::Unknown;
    };
    assigned(name, value, local)
}

/// A setting is given a value, in a statement or by `set_config`.
pub(super) fn assigned(name: &str, value: SettingValue, local: bool) -> SessionChange {
    if is_harmless(name) {
        return SessionChange::Harmless;
    }
    // The analysis reads strings as they are written with this on.
    if name == "standard_conforming_strings" {
        let on = says(&value, &["on", "true", "yes", "1"]);
        return if on { SessionChange::Harmless } else { SessionChange::Unknown };
    }
    SessionChange::Set { setting: name.into(), value, local }
}

fn reset(mut rest: Words<'_>) -> Option<SessionChange> {
    if rest.eat("all") {
        return Some(SessionChange::ResetSettings);
    }
    if rest.eat_all(&["session", "authorization"]) {
        return Some(SessionChange::Reset("session_authorization".into()));
    }
    if rest.eat_all(&["time", "zone"]) {
        return Some(SessionChange::Reset("timezone".into()));
    }
    if rest.eat_all(&["transaction", "isolation", "level"]) {
        return Some(SessionChange::Harmless);
    }
    let name = rest.name()?;
    let harmless = is_harmless(&name);
    Some(if harmless { SessionChange::Harmless } else { SessionChange::Reset(name.into()) })
}

fn discard(mut rest: Words<'_>) -> SessionChange {
    if rest.eat("all") {
        SessionChange::ResetAll
    } else if rest.eat_any(&["plans", "sequences", "temp", "temporary"]) {
        SessionChange::Harmless
    } else {
        SessionChange::Unknown
    }
}

fn is_harmless(name: &str) -> bool {
    HARMLESS.split_whitespace().any(|known| known == name)
        || HARMLESS_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}
