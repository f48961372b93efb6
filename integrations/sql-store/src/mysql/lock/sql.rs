//! The texts of the session with the locks.
//!
//! Names of locks are made here, of digits and a few letters, so that they stand in the text itself:
//! there is nothing to be prepared, whatever their number.

use std::fmt::Write as _;
use std::time::Duration;

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use crate::backend::lock::{Id, SILENCE};
use crate::config::Tables;
use crate::mysql::session;

/// Which session answers.
pub(super) const WHO: &str = "SELECT CONNECTION_ID()";

/// What a session begins with: the server ends it when it hears nothing, or no more of what was begun.
pub(super) fn begin(limit: Duration) -> SqlStr {
    let session = session(limit);
    let silence = SILENCE.as_secs();
    let text = format!(
        "{session}; SET SESSION wait_timeout = {silence}, SESSION net_read_timeout = {silence}"
    );
    AssertSqlSafe(text).into_sql_str()
}

/// Which server it is, and which database where tables have none in their names. Servers of one machine
/// and one number differ by where their files are.
pub(super) fn place(tables: &Tables) -> SqlStr {
    let database = if tables.register.contains('.') { "''" } else { "DATABASE()" };
    let text =
        format!("SELECT CONCAT_WS('/', @@hostname, @@port, @@server_id, @@datadir, {database})");
    AssertSqlSafe(text).into_sql_str()
}

/// Which session answers, then of each whether it is locked.
pub(super) fn lock(ids: &[Id]) -> SqlStr {
    each(ids, "GET_LOCK(", ", 0)")
}

/// Which session answers, then of each whether it was locked.
pub(super) fn unlock(ids: &[Id]) -> SqlStr {
    each(ids, "RELEASE_LOCK(", ")")
}

/// Of names with 40 characters; 64 is the most.
fn each(ids: &[Id], before: &str, behind: &str) -> SqlStr {
    let mut text = String::from(WHO);
    for Id(id) in ids {
        // A text takes all that is written.
        let _ = write!(text, ", {before}'dogpile:{id:032x}'{behind}");
    }
    AssertSqlSafe(text).into_sql_str()
}

#[cfg(test)]
mod tests {
    use super::{Id, lock, unlock};

    #[test]
    fn a_name_of_a_lock_is_never_longer_than_it_may_be() {
        let name = "dogpile:0000000000000000000000000000000a";
        let text = format!("SELECT CONNECTION_ID(), GET_LOCK('{name}', 0)");
        assert_eq!(lock(&[Id(10)]).as_str(), text);
        assert_eq!(unlock(&[Id(10), Id(u128::MAX)]).as_str().matches("RELEASE_LOCK").count(), 2);
        assert!(name.len() <= 64);
    }
}
