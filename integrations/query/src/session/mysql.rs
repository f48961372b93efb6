//! MySQL and MariaDB: `SET`, `USE`.

use sqlparser::tokenizer::Token;

use super::words::Words;
use super::{says, set};
use crate::analysis::{SessionChange, SettingValue};

/// Variables that no row of a `SELECT` depends on.
const HARMLESS: &str = "
    lock_wait_timeout innodb_lock_wait_timeout wait_timeout interactive_timeout net_read_timeout
    net_write_timeout net_retry_count net_buffer_length idle_transaction_timeout
    idle_readonly_transaction_timeout idle_write_transaction_timeout max_execution_time
    max_statement_time foreign_key_checks unique_checks check_constraint_checks sort_buffer_size
    join_buffer_size read_buffer_size read_rnd_buffer_size tmp_table_size max_heap_table_size
    tmp_memory_table_size bulk_insert_buffer_size optimizer_switch optimizer_prune_level
    optimizer_search_depth optimizer_trace profiling profiling_history_size sql_log_bin sql_log_off
    sql_notes sql_warnings sql_quote_show_create long_query_time slow_query_log min_examined_row_limit
    log_slow_verbosity max_error_count low_priority_updates sql_safe_updates default_storage_engine
    default_tmp_storage_engine binlog_format binlog_row_image transaction_read_only tx_read_only
    session_track_schema session_track_state_change session_track_system_variables
    session_track_transaction_info session_track_gtids";

pub(super) fn command(verb: &str, rest: Words<'_>) -> Option<Vec<SessionChange>> {
    Some(match verb {
        "set" => assignments(rest),
        "use" => vec![used(rest)],
        // What was prepared may be anything.
        "execute" => vec![SessionChange::Unknown],
        // Other tables cannot be read any more.
        "lock" => vec![SessionChange::Unknown],
        // The server's logs and caches.
        "reset" => vec![SessionChange::Harmless],
        // Loads rows, or an index.
        "load" => Vec::new(),
        _ => return None,
    })
}

fn used(rest: Words<'_>) -> SessionChange {
    match rest.0 {
        [Token::Word(_)] => set("database", rest, false),
        _ => SessionChange::Unknown,
    }
}

fn assignments(rest: Words<'_>) -> Vec<SessionChange> {
    let mut words = rest;
    if words.eat_all(&["default", "role"]) {
        return vec![SessionChange::Harmless];
    }
    let global = words.eat("global");
    let _ = words.eat_any(&["session", "local"]);
    if words.eat("transaction") {
        // What others have not committed must not be kept.
        let dirty = words.has("uncommitted") && !global;
        return vec![if dirty { SessionChange::Unknown } else { SessionChange::Harmless }];
    }
    if words.eat("role") && !is_assigned(words) {
        return vec![set("role", words, false)];
    }
    let all = rest.split().into_iter().map(|one| assignment(one).unwrap_or(SessionChange::Unknown));
    let mut all: Vec<_> = all.collect();
    if all.iter().any(|change| *change != SessionChange::Harmless) {
        all.retain(|change| *change != SessionChange::Harmless);
    } else {
        all.truncate(1);
    }
    all
}

fn is_assigned(words: Words<'_>) -> bool {
    words.next_is(&Token::Eq) || words.next_is(&Token::Assignment)
}

/// `LOCAL` means the session here.
fn assignment(mut words: Words<'_>) -> Option<SessionChange> {
    if words.eat("names") {
        return Some(set("names", words, false));
    }
    // What others have from now on, and this session has not.
    if words.eat_any(&["global", "persist", "persist_only"]) {
        return Some(SessionChange::Harmless);
    }
    let _ = words.eat_any(&["session", "local"]);
    let name = words.name()?;
    let name = match name.split_once('.') {
        Some(("@@global" | "@@persist" | "@@persist_only", _)) => {
            return Some(SessionChange::Harmless);
        }
        Some(("@@session" | "@@local", name)) => name,
        Some(_) => return None,
        None => name.strip_prefix("@@").unwrap_or(&name),
    };
    if name.starts_with('@') {
        return None;
    }
    (words.eat_token(&Token::Eq) || words.eat_token(&Token::Assignment))
        .then(|| assigned(name, words))
}

fn assigned(name: &str, words: Words<'_>) -> SessionChange {
    let value = words.value();
    let harmless = match name {
        _ if HARMLESS.split_whitespace().any(|known| known == name) => true,
        "autocommit" => says(&value, &["1", "on", "true"]),
        "tx_isolation" | "transaction_isolation" => {
            let levels = ["read-committed", "repeatable-read", "serializable"];
            says(&value, &levels)
        }
        _ => false,
    };
    if harmless {
        return SessionChange::Harmless;
    }
    let unclear = match name {
        "autocommit" | "tx_isolation" | "transaction_isolation" => true,
        // Those of one another.
        "collation_connection" => true,
        _ if name.starts_with("character_set_") => true,
        "sql_mode" => changes_reading(&value),
        _ => false,
    };
    if unclear {
        return SessionChange::Unknown;
    }
    SessionChange::Set { setting: name.into(), value, local: false }
}

/// The analysis reads quotes and backslashes as they mean by default.
fn changes_reading(mode: &SettingValue) -> bool {
    const READING: &[&str] = &["ansi", "escapes", "oracle", "mssql", "db2", "postgresql", "maxdb"];
    match mode {
        SettingValue::Literal(text) if text.starts_with('\'') || text.starts_with('"') => {
            let text = text.to_ascii_lowercase();
            READING.iter().any(|word| text.contains(word))
        }
        _ => true,
    }
}
