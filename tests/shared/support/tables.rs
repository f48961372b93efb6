//! The tables of a store, in whatever database.

use std::fmt::Write as _;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use dogpile::Backend;
use dogpile_sql_store::SqlStore;
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use super::{Service, Storage};

/// The patience of a busy machine, for what is no test of patience.
pub(crate) const PATIENT: &str = "acquire_timeout=20s&connect_timeout=20s&statement_timeout=20s";

/// A moment that no test reaches, in milliseconds.
const LATER: i64 = 32_000_000_000_000;

/// More than any region here takes for an entry.
const TOO_LARGE: usize = 2_000_000;

/// A database with the tables of a store in it.
pub(crate) trait Tables: Sized + Send + Sync {
    /// What empties all tables.
    const FLUSH: &'static [&'static str];

    async fn create() -> Self;

    /// Where it is, without parameters.
    fn place(&self) -> String;

    /// Runs a statement; tries again where it met others.
    async fn run(&self, sql: &str);

    /// The rows of one column of texts.
    async fn texts(&self, sql: &str) -> Vec<String>;

    /// These bytes in a statement.
    fn literal(bytes: &[u8]) -> String;

    /// A column of bytes as a text in hexadecimal.
    fn hex(column: &str) -> String;

    /// An entry under its name, whether there is one or not.
    fn put(name: &str, bytes: &str, ends: i64) -> String;

    /// Lets nobody write for so long.
    fn hold_up(&self, time: Duration);
}

/// Waits for a database, as the other services block for theirs.
pub(super) fn wait<T>(work: impl Future<Output = T>) -> T {
    block_in_place(|| Handle::current().block_on(work))
}

/// Bytes in hexadecimal.
pub(super) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

fn from_hex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// What stands before the names of entries and of registers.
const KINDS: [(&str, &str); 2] = [("entry:", "dogpile_entry"), ("register:", "dogpile_register")];

/// The table that a name is in, and the name in a statement.
fn place_of<T: Tables>(name: &str) -> (&'static str, String) {
    for (kind, table) in KINDS {
        if let Some(name) = name.strip_prefix(kind) {
            return (table, T::literal(&from_hex(name)));
        }
    }
    panic!("this is the name of nothing: {name}");
}

fn names<T: Tables>(tables: &T, (kind, table): (&str, &str)) -> Vec<String> {
    let names = wait(tables.texts(&format!("SELECT {} FROM {table}", T::hex("name"))));
    names.iter().map(|name| format!("{kind}{}", name.to_lowercase())).collect()
}

impl<T: Tables> Service for T {
    async fn start() -> Self {
        T::create().await
    }

    fn url(&self) -> String {
        format!("{}?{PATIENT}", self.place())
    }

    fn open(url: &str) -> Arc<dyn Backend> {
        Arc::new(SqlStore::open(url).unwrap())
    }

    fn flush(&self) {
        for statement in T::FLUSH {
            wait(self.run(statement));
        }
    }
}

impl<T: Tables> Storage for T {
    fn entries(&self) -> Vec<String> {
        names(self, KINDS[0])
    }

    fn registers(&self) -> Vec<String> {
        names(self, KINDS[1])
    }

    /// The bytes of an entry.
    fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        let (table, name) = place_of::<T>(name);
        assert_eq!(table, KINDS[0].1, "a register has no bytes");
        let bytes = format!("SELECT {} FROM {table} WHERE name = {name}", T::hex("bytes"));
        wait(self.texts(&bytes)).first().map(|bytes| from_hex(bytes))
    }

    /// Of a register these are its writers, until when it says that it is tainted: a row that
    /// contradicts itself, unless they are what a store writes.
    fn overwrite(&self, name: &str, bytes: &[u8]) {
        let (table, name) = place_of::<T>(name);
        let bytes = T::literal(bytes);
        let statement = match table == KINDS[0].1 {
            true => T::put(&name, &bytes, LATER),
            false => format!(
                "UPDATE {table} SET writers = {bytes}, tainted = {LATER} WHERE name = {name}"
            ),
        };
        wait(self.run(&statement));
    }

    /// One that is larger than any entry, and some that ended before there was time, or never end.
    async fn deface(&self, name: &str, mut then: impl AsyncFnMut()) {
        self.overwrite(name, &vec![b'x'; TOO_LARGE]);
        then().await;
        let whole = T::literal(b"whole");
        for ends in [i64::MIN, -1, 0, i64::MAX] {
            self.run(&T::put(&place_of::<T>(name).1, &whole, ends)).await;
            then().await;
        }
    }

    fn remove(&self, name: &str) {
        let (table, name) = place_of::<T>(name);
        wait(self.run(&format!("DELETE FROM {table} WHERE name = {name}")));
    }

    fn stall(&self, time: Duration) {
        self.hold_up(time);
    }
}

/// The calls of [`Tables`] that read alike for each driver.
macro_rules! statements {
    () => {
        async fn run(&self, sql: &str) {
            // A table that is emptied and a statement may each wait for the other: one of them fails.
            for _ in 0..20 {
                let text = sqlx::raw_sql(sqlx::AssertSqlSafe(sql));
                match text.execute(&self.pool).await {
                    Ok(_) => return,
                    Err(_) => tokio::time::sleep(dogpile::millis(20)).await,
                }
            }
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&self.pool).await.unwrap();
        }

        async fn texts(&self, sql: &str) -> Vec<String> {
            let rows = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).persistent(false);
            rows.fetch_all(&self.pool).await.unwrap()
        }
    };
}

pub(super) use statements;
