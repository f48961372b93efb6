//! What is known of the settings of a session: which of them are not what they were when it began.
//!
//! They are a part of the key of what is read on the connection. Where they are not known, nothing is
//! served and nothing kept.

use std::collections::BTreeMap;

use dogpile::{Digest, DigestHasher};
use dogpile_query::{Dialect, SessionChange, SettingValue};

/// The settings of one session. By default all are what they were when it began.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    /// What is in force.
    now: Values,
    /// What is in force when the transaction has ended.
    kept: Values,
    /// Something was done of which nobody knows what it was.
    unknown: bool,
    /// Code was called that may have done something. That it does what lasts is not assumed.
    opaque: bool,
}

/// `None` where the value is not known.
type Values = BTreeMap<Box<str>, Option<Box<str>>>;

const ROLE: &str = "role";
const USER: &str = "session_authorization";
/// What the role is once the user was changed; no text of a statement reads like this.
const ROLE_OF_USER: &str = "\0";
/// A value that grows with each statement is given up beyond so many bytes.
const MOST_BYTES: usize = 256;

impl Settings {
    /// Nothing is known.
    pub(crate) fn unknown() -> Self {
        Self { unknown: true, ..Self::default() }
    }

    /// Whether every setting is known.
    pub(crate) fn are_known(&self) -> bool {
        !self.unknown && !self.opaque && self.now.values().all(Option::is_some)
    }

    /// Writes all that is not as it was when the session began.
    pub(crate) fn write(&self, hasher: &mut DigestHasher) {
        hasher.write(&(self.now.len() as u64).to_le_bytes());
        for (setting, value) in &self.now {
            hasher.write_part(setting.as_bytes());
            hasher.write_part(value.as_deref().unwrap_or_default().as_bytes());
        }
    }

    /// The settings as others find them who get the connection next: that a value is what it was last
    /// set to is not certain, because the pool may have replaced the connection meanwhile.
    pub(crate) fn left(&self) -> Self {
        let names = self.now.keys().chain(self.kept.keys());
        let kept: Values = names.map(|setting| (setting.clone(), None)).collect();
        Self { now: kept.clone(), kept, unknown: self.unknown, opaque: false }
    }

    /// Whatever is not certain in one of the two.
    pub(crate) fn merge(&mut self, other: Self) {
        self.now.extend(other.now);
        self.kept.extend(other.kept);
        self.unknown |= other.unknown;
    }

    fn set(&mut self, setting: &str, value: Option<Box<str>>, local: bool) {
        let value = match setting {
            // What it says adds to what is in force.
            "datestyle" => value.and_then(|value| self.added(setting, &value)),
            _ => value,
        };
        if setting == USER {
            self.put(ROLE, Some(ROLE_OF_USER.into()), local);
        }
        self.put(setting, value, local);
    }

    fn put(&mut self, setting: &str, value: Option<Box<str>>, local: bool) {
        if !local {
            self.kept.insert(setting.into(), value.clone());
        }
        self.now.insert(setting.into(), value);
    }

    fn added(&self, setting: &str, value: &str) -> Option<Box<str>> {
        let before = self.now.get(setting).map_or(Some(""), Option::as_deref)?;
        let all = format!("{before}; {value}");
        (all.len() <= MOST_BYTES).then(|| all.into())
    }

    fn reset(&mut self, setting: &str) {
        for values in [&mut self.now, &mut self.kept] {
            values.remove(setting);
            if setting == USER && values.get(ROLE) == Some(&Some(ROLE_OF_USER.into())) {
                values.remove(ROLE);
            }
        }
    }

    /// Of what is in force for good and was not `before`, the values are not known.
    fn blur_what_differs(&mut self, before: &Self) {
        let names = self.kept.keys().chain(before.kept.keys()).cloned();
        let names: Vec<_> =
            names.filter(|name| self.kept.get(name) != before.kept.get(name)).collect();
        self.kept.extend(names.into_iter().map(|name| (name, None)));
    }

    /// All but what `RESET ALL` leaves alone.
    fn reset_settings(&mut self) {
        let stays =
            |setting: &str| [ROLE, USER].contains(&setting) || setting.starts_with("table ");
        self.now.retain(|setting, _| stays(setting));
        self.kept.retain(|setting, _| stays(setting));
    }
}

/// The settings of a connection, and those that a rollback would bring back.
#[derive(Debug, Default)]
pub(crate) struct Session {
    settings: Settings,
    /// What they were before each level of the transaction.
    before: Vec<Settings>,
}

impl Session {
    pub(crate) fn new(settings: Settings) -> Self {
        Self { settings, before: Vec::new() }
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// A transaction or a savepoint has begun.
    pub(crate) fn begin(&mut self) {
        self.before.push(self.settings.clone());
    }

    /// It was committed, as far as anybody knows: PostgreSQL answers a COMMIT without an error where
    /// it has rolled back, because something had failed before. So what it has set for good is not
    /// known. `certain` is false where the COMMIT was not answered.
    pub(crate) fn commit(&mut self, dialect: Dialect, certain: bool) {
        let Some(before) = self.before.pop() else { return };
        if dialect != Dialect::Postgres {
            return;
        }
        if self.before.is_empty() {
            self.settings.blur_what_differs(&before);
            self.settings.now = self.settings.kept.clone();
        } else {
            self.settings.unknown |= !certain && before != self.settings;
        }
    }

    /// It was rolled back: only PostgreSQL takes settings back with it.
    pub(crate) fn rollback(&mut self, dialect: Dialect) {
        let Some(before) = self.before.pop() else { return };
        if dialect == Dialect::Postgres {
            self.settings = Settings { opaque: self.settings.opaque, ..before };
        }
    }

    /// Whether a statement that does `changes` can make a difference.
    pub(crate) fn is_touched_by(&self, changes: &[SessionChange]) -> bool {
        changes.iter().any(|change| match change {
            SessionChange::Harmless => false,
            SessionChange::Reset(setting) => {
                self.settings.now.contains_key(setting) || self.settings.kept.contains_key(setting)
            }
            _ => true,
        })
    }

    /// A statement is being sent. Until it is answered, nothing is known; returns what was.
    pub(crate) fn doubt(&mut self, changes: &[SessionChange]) -> Settings {
        let before = self.settings.clone();
        if changes.iter().any(lasts) {
            self.settings.unknown = true;
        } else {
            self.settings.opaque = true;
        }
        before
    }

    /// The database has refused the statement, which was the `only` one of its text that is understood,
    /// or certainly the only one, if it was `single`: one that failed has set nothing.
    pub(crate) fn refused(
        &mut self,
        before: Settings,
        changes: &[SessionChange],
        dialect: Dialect,
        only: bool,
        single: bool,
    ) {
        let is_one = changes.len() == 1 && *changes != [SessionChange::Unknown];
        let resets = changes.iter().all(|change| matches!(change, SessionChange::Reset(_)));
        // PostgreSQL undoes a text that fails, with all that it has set.
        if dialect == Dialect::Postgres || single || only && (is_one || resets) {
            self.settings = before;
        }
        // A procedure may have committed what it did.
        self.settings.opaque |= changes.contains(&SessionChange::Opaque);
    }

    /// The statement did `changes`. `arguments` tells its arguments from all others, and `in_text` is
    /// true inside a transaction that was begun by SQL text: nobody knows how it ends.
    pub(crate) fn apply(
        &mut self,
        before: Settings,
        changes: &[SessionChange],
        arguments: Option<Digest>,
        in_text: bool,
    ) {
        self.settings = before;
        let is_local =
            |change: &SessionChange| matches!(change, SessionChange::Set { local: true, .. });
        if in_text {
            self.settings.opaque |= changes.iter().any(is_local);
            self.settings.unknown |= changes.iter().any(|it| lasts(it) && !is_local(it));
        }
        changes.iter().for_each(|change| self.apply_one(change, arguments));
    }

    fn apply_one(&mut self, change: &SessionChange, arguments: Option<Digest>) {
        match change {
            SessionChange::Harmless => {}
            SessionChange::Set { setting, value, local } => {
                let value = match value {
                    SettingValue::Literal(text) => Some(text.clone()),
                    SettingValue::Argument => arguments.map(|it| format!("\0{it}").into()),
                    _ => None,
                };
                // Outside of a transaction such a one is over with its own statement.
                if !local || !self.before.is_empty() {
                    self.settings.set(setting, value, *local);
                }
            }
            SessionChange::Reset(setting) => self.settings.reset(setting),
            SessionChange::ResetSettings => self.settings.reset_settings(),
            SessionChange::ResetAll if self.before.is_empty() => {
                self.settings = Settings::default();
            }
            SessionChange::Reverts => {
                let changed = self.before.first().is_some_and(|before| *before != self.settings);
                self.settings.unknown |= changed;
            }
            SessionChange::Opaque => self.settings.opaque = true,
            _ => self.settings.unknown = true,
        }
    }
}

/// Whether others may find what it does on a connection that went back to the pool.
pub(super) fn lasts(change: &SessionChange) -> bool {
    use SessionChange as Is;
    !matches!(change, Is::Harmless | Is::Opaque | Is::Reverts)
}

#[cfg(test)]
mod tests {
    use dogpile_query::Analyzer;

    use super::*;

    /// A session that has run `sql`, where `begin`, `commit` and `rollback` are those of a transaction.
    fn after(dialect: Dialect, sql: &[&str]) -> Session {
        let (mut session, analyzer) = (Session::default(), Analyzer::new(dialect));
        for sql in sql {
            match *sql {
                "begin" => session.begin(),
                "commit" => session.commit(dialect, true),
                "rollback" => session.rollback(dialect),
                sql => {
                    let analysis = analyzer.analyze(sql);
                    let before = session.doubt(analysis.session());
                    session.apply(before, analysis.session(), None, false);
                }
            }
        }
        session
    }

    fn same(dialect: Dialect, one: &[&str], other: &[&str]) -> bool {
        after(dialect, one).settings == after(dialect, other).settings
    }

    #[test]
    fn what_is_reset_is_as_it_was() {
        let pg = Dialect::Postgres;
        for reset in ["RESET a.b", "RESET ALL", "DISCARD ALL", "SET a.b TO DEFAULT"] {
            assert!(same(pg, &["SET a.b = 1", reset], &[]), "{reset}");
        }
        assert!(same(pg, &["SET ROLE a", "RESET ALL"], &["SET ROLE a"]));
        assert!(same(pg, &["SET ROLE a", "RESET ROLE"], &[]));
        assert!(!same(pg, &["CREATE TEMP TABLE a (b INT)", "RESET ALL"], &[]));
        assert!(same(pg, &["CREATE TEMP TABLE a (b INT)", "DROP TABLE a"], &[]));
        assert!(same(pg, &["CALL a()", "DISCARD ALL"], &[]));
        assert!(!after(pg, &["LOAD 'a'", "RESET ALL"]).settings.are_known());
    }

    #[test]
    fn postgres_takes_settings_back_with_a_rollback() {
        let pg = Dialect::Postgres;
        assert!(same(pg, &["begin", "SET a.b = 1", "rollback"], &[]));
        assert!(same(pg, &["SET a.b = 1", "begin", "RESET a.b", "rollback"], &["SET a.b = 1"]));
        assert!(same(
            pg,
            &["begin", "SET a.b = 1", "begin", "SET a.b = 2", "rollback"],
            &["begin", "SET a.b = 1"]
        ));
        assert!(same(pg, &["begin", "SET LOCAL a.b = 1", "commit"], &[]));
        assert!(same(pg, &["SET LOCAL a.b = 1"], &[]));
        assert!(!same(pg, &["begin", "SET LOCAL a.b = 1", "begin", "commit"], &["begin"]));
        let set_twice = ["begin", "SET a.b = 2", "SET LOCAL a.b = 1", "commit"];
        assert!(same(pg, &set_twice, &["begin", "SET a.b = 2", "commit"]));
    }

    /// Something may have failed, and the COMMIT with it.
    #[test]
    fn what_a_transaction_has_set_for_good_is_not_known_until_it_is_set_again() {
        let (pg, set) = (Dialect::Postgres, "SET a.b = 1");
        for in_it in [set, "RESET a.b"] {
            let session = after(pg, &["SET a.b = 2", "begin", in_it, "commit"]);
            assert!(!session.settings.are_known(), "{in_it}");
        }
        assert!(same(pg, &["begin", set, "commit", set], &[set]));
        assert!(same(pg, &["begin", set, "commit", "RESET a.b"], &[]));
        assert!(same(pg, &[set, "begin", "SET c.d = 1", "commit", "RESET c.d"], &[set]));
    }

    #[test]
    fn mysql_keeps_settings_over_a_rollback() {
        let mysql = Dialect::MySql;
        let set = "SET LOCAL time_zone = 'UTC'";
        assert!(same(mysql, &["begin", set, "rollback"], &[set]));
        assert!(!same(mysql, &[set], &[]));
    }

    #[test]
    fn what_adds_up_keeps_its_order() {
        let pg = Dialect::Postgres;
        let one = ["SET datestyle = 'German'", "SET datestyle = 'DMY'"];
        assert!(!same(pg, &one, &["SET datestyle = 'DMY'"]));
        let other = ["SET ROLE a", "SET SESSION AUTHORIZATION b"];
        assert!(!same(pg, &other, &["SET SESSION AUTHORIZATION b", "SET ROLE a"]));
        let back = ["SET SESSION AUTHORIZATION b", "RESET SESSION AUTHORIZATION"];
        assert!(same(pg, &back, &[]));
    }

    #[test]
    fn a_transaction_that_ends_by_text_leaves_doubt() {
        let pg = Dialect::Postgres;
        let known = |sql: &[&str]| after(pg, sql).settings.are_known();
        assert!(!known(&["begin", "SET a.b = 1", "ROLLBACK"]));
        assert!(!known(&["begin", "SET a.b = 1", "ROLLBACK TO s"]));
        assert!(known(&["begin", "ROLLBACK TO s"]));
        for (sql, left) in [("SET a.b = 1", true), ("SET LOCAL a.b = 1", false)] {
            let (mut session, analysis) = (Session::default(), Analyzer::new(pg).analyze(sql));
            let before = session.doubt(analysis.session());
            session.apply(before, analysis.session(), None, true);
            assert!(!session.settings.are_known());
            assert_eq!(!session.settings.left().are_known(), left, "{sql}");
        }
    }

    #[test]
    fn a_statement_without_an_answer_leaves_doubt() {
        let set = Analyzer::new(Dialect::Postgres).analyze("SET a.b = 1");
        let call = Analyzer::new(Dialect::Postgres).analyze("SELECT f()");
        for (analysis, left) in [(set, true), (call, false)] {
            let mut session = Session::default();
            session.doubt(analysis.session());
            assert!(!session.settings.are_known());
            assert_eq!(!session.settings.left().are_known(), left);
        }
    }

    #[test]
    fn a_statement_that_is_refused_has_done_nothing_unless_it_is_one_of_several() {
        let known = |dialect, sql: &str, only| {
            let (mut session, analysis) = (Session::default(), Analyzer::new(dialect).analyze(sql));
            let before = session.doubt(analysis.session());
            session.refused(before, analysis.session(), dialect, only, false);
            session.settings.are_known()
        };
        assert!(known(Dialect::Postgres, "SET a.b = 1; SET c.d = 2", false));
        assert!(known(Dialect::MySql, "SET time_zone = 'x'", true));
        assert!(!known(Dialect::MySql, "SET time_zone = 'x', sql_mode = 'y'", true));
        assert!(!known(Dialect::MySql, "SET @x = 1", true));
        assert!(!known(Dialect::MySql, "CALL f()", true));
        assert!(!known(Dialect::Sqlite, "PRAGMA case_sensitive_like = 1; SELECT x", false));
        let session = Session::default();
        assert!(
            !session
                .is_touched_by(Analyzer::new(Dialect::Sqlite).analyze("DROP TABLE a").session())
        );
    }
}
