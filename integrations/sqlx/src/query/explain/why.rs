//! Why a query is not cached, in words.

use dogpile_query::{Bypass, Ruling};

use super::Verdict;
use crate::query::options::{DENIED_TABLE, NO_SCOPE, NOT_MARKED, Options};

impl Verdict {
    /// `told` is what the text, or the catalog, has against it.
    pub(super) fn bypassed(reason: &'static str, told: Option<&Bypass>, ruling: &Ruling) -> Self {
        let by_text = told.filter(|bypass| bypass.reason().code() == reason);
        let detail = match by_text {
            Some(bypass) => bypass.to_string(),
            None => by_rule(reason, ruling).unwrap_or_else(|| reason.replace('_', " ")),
        };
        let mend = by_text.and_then(|bypass| bypass.how_to_mend()).or_else(|| how_to_mend(reason));
        Self::Bypassed { reason, detail, mend: mend.map(str::to_owned) }
    }
}

/// What the rules forbid.
fn by_rule(reason: &str, ruling: &Ruling) -> Option<String> {
    let decisive = ruling.decisive()?;
    if reason == DENIED_TABLE.code() {
        Some(format!("denied table {decisive}"))
    } else if reason == NOT_MARKED.code() {
        Some(format!("not marked, as is asked of {decisive}"))
    } else {
        None
    }
}

fn how_to_mend(reason: &str) -> Option<&'static str> {
    if reason == NOT_MARKED.code() {
        Some("say .cached() of the query, or of its connection")
    } else if reason == NO_SCOPE.code() {
        Some("give the query, or its connection, a scope")
    } else {
        None
    }
}

/// All that a query is kept apart by.
pub(super) fn scope(options: &Options, ruling: &Ruling) -> String {
    let ruled = ruling.scopes().unwrap_or_default();
    let ruled = ruled.into_iter().map(|(name, value)| format!("{name} {value}"));
    let all: Vec<String> = options.scope.iter().cloned().chain(ruled).collect();
    if all.is_empty() { "-".to_owned() } else { all.join(", ") }
}
