//! The texts of the session with the locks.

use std::time::Duration;

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use crate::backend::lock::SILENCE;
use crate::config::Tables;
use crate::postgres::listen::Channel;
use crate::postgres::sql::{Guard, store};

/// Which session answers, without anything that a pooler would have to prepare.
pub(super) const PID: &str = "SELECT pg_backend_pid()";

/// Locks. Each row says which session has which, and whether.
pub(super) const LOCK: &str = "SELECT pg_backend_pid(), k.place, pg_try_advisory_lock(k.id) \
                               FROM unnest((SELECT $1::int8[])) WITH ORDINALITY AS k(id, place)";

/// The statements that name a table, or a limit.
#[derive(Debug)]
pub(super) struct Sql {
    /// What a session begins with: the server ends it when it hears nothing. Whoever waits for a lease
    /// is not to wait for a disk as well; entries may be lost in a crash.
    pub(super) begin: SqlStr,
    /// Names, bytes, lives; the session that has the locks; what to extend, the least life, the
    /// generous one.
    pub(super) store: SqlStr,
    /// Locks, and what is told of each.
    pub(super) unlock: SqlStr,
    /// Which server it is, which database, and which tables. A server is known by the microsecond in
    /// which it was started: everybody may ask for that.
    pub(super) place: SqlStr,
}

impl Sql {
    pub(super) fn new(tables: &Tables, limit: Duration) -> Self {
        let (limit, silence) = (limit.as_millis().min(1_000_000_000), SILENCE.as_millis());
        let begin = format!(
            "SET idle_session_timeout = {silence}; SET statement_timeout = {limit}; \
             SET plan_cache_mode = force_generic_plan; SET synchronous_commit = off"
        );
        let unlock = format!(
            "SELECT pg_backend_pid(), pg_advisory_unlock(k.id), {} \
             FROM unnest((SELECT $1::int8[]), (SELECT $2::text[])) AS k(id, told)",
            Channel::of(tables).tell("k.told")
        );
        let place = format!(
            "SELECT concat_ws(' ', (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::int8, \
             (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database()), \
             to_regclass('{}')::oid)",
            tables.register
        );
        Self {
            place: AssertSqlSafe(place).into_sql_str(),
            begin: AssertSqlSafe(begin).into_sql_str(),
            store: AssertSqlSafe(store(tables, Guard::Session)).into_sql_str(),
            unlock: AssertSqlSafe(unlock).into_sql_str(),
        }
    }
}
