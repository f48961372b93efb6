//! SQLite: `PRAGMA`, `ATTACH`.

use sqlparser::tokenizer::Token;

use super::set;
use super::words::Words;
use crate::analysis::SessionChange;

/// Pragmas that no row of a `SELECT` depends on, and those that only ask.
const HARMLESS: &str = "
    analysis_limit application_id auto_vacuum automatic_index busy_timeout cache_size cache_spill
    cell_size_check checkpoint_fullfsync collation_list compile_options data_version database_list
    defer_foreign_keys foreign_key_check foreign_key_list foreign_keys freelist_count fullfsync
    function_list hard_heap_limit ignore_check_constraints incremental_vacuum index_info index_list
    index_xinfo integrity_check journal_mode journal_size_limit locking_mode max_page_count mmap_size
    module_list optimize page_count page_size pragma_list query_only quick_check recursive_triggers
    secure_delete shrink_memory soft_heap_limit stats synchronous table_info table_list table_xinfo
    temp_store threads user_version wal_autocheckpoint wal_checkpoint";
/// Pragmas that are known, and change what a `SELECT` returns.
const KNOWN: &str = "
    case_sensitive_like count_changes empty_result_callbacks encoding full_column_names
    legacy_alter_table legacy_file_format reverse_unordered_selects short_column_names
    trusted_schema";

pub(super) fn command(verb: &str, rest: Words<'_>) -> Option<Vec<SessionChange>> {
    Some(match verb {
        "pragma" => vec![pragma(rest).unwrap_or(SessionChange::Unknown)],
        "attach" | "detach" => vec![SessionChange::Unknown],
        _ => return None,
    })
}

fn pragma(mut rest: Words<'_>) -> Option<SessionChange> {
    let name = rest.name()?;
    let name = name.rsplit('.').next()?;
    let is_in = |list: &str| list.split_whitespace().any(|known| known == name);
    if is_in(HARMLESS) || (is_in(KNOWN) && rest.0.is_empty()) {
        return Some(SessionChange::Harmless);
    }
    if !is_in(KNOWN) {
        return None;
    }
    match rest.0 {
        [Token::Eq, value @ ..] | [Token::LParen, value @ .., Token::RParen] => {
            Some(set(name, Words(value), false))
        }
        _ => None,
    }
}
