//! Bumps inside of the application's own transactions: rows that are only ever inserted.
//!
//! A version is what lies in its register XOR all tokens of its name that the reader's snapshot has.
//! Whoever sees the transaction sees its tokens, and whoever does not sees none of them. Two
//! transactions never write one row, so that none waits for another, and none fails for it, whatever
//! their isolation.
//!
//! A store that pushes has none of it: writes are fenced there. The script could notify as well: the
//! message would come if, and after, the transaction is committed, behind its tokens, and no listener
//! would miss it. But it would no longer be true that no transaction waits for another one, and that
//! none fails for it. PostgreSQL lets one transaction at a time commit that has notified, on the whole
//! server, and holds the next one until that is on the disk: the application's commits would no longer
//! share one. And a queue that is full, by any session that listens and does not read, makes the COMMIT
//! itself fail, behind all that a savepoint can take back.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use dogpile::backend::{TagVersion, Transactional};
use dogpile::{BoxFuture, Result};

use super::Inner;
use super::dialect::Lying;
use crate::error::Done;

/// What a transaction goes back to if its tokens cannot be inserted.
const SAVEPOINT: &str = "dogpile_tokens";
/// And how.
const UNDO: &str = "ROLLBACK TO SAVEPOINT dogpile_tokens";
/// The register of questions. No region makes such a name: theirs begin with the region's.
pub(super) const ASKED: &str = "\0asked";

/// The bumps of a store inside of transactions.
#[derive(Debug)]
pub(crate) struct SqlTransactional(pub(crate) Arc<Inner>);

/// How the table of tokens is called by those who are not ours: they may look for tables elsewhere.
#[derive(Debug, Default)]
pub(super) struct Located(Mutex<Option<Arc<str>>>);

impl Located {
    fn get(&self) -> Option<Arc<str>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, table: &str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(table.into());
    }
}

#[deny(clippy::missing_trait_methods)]
impl Transactional for SqlTransactional {
    fn dialect(&self) -> &'static str {
        self.0.dialect.kind()
    }

    fn question(&self) -> BoxFuture<'_, Result<String>> {
        Box::pin(async move {
            self.0.question().await.map_err(|failure| failure.during("prepare transactions"))
        })
    }

    fn script(&self, registers: &[&str]) -> Option<String> {
        let table = self.0.located.get()?;
        self.0.folder.expect(registers.len());
        let mut script =
            format!("SAVEPOINT {SAVEPOINT}; INSERT INTO {table} (name, high, low) VALUES ");
        for (place, register) in registers.iter().enumerate() {
            let Lying { high, low, .. } = Lying::new(register, TagVersion::random());
            let (comma, name) = (if place > 0 { ", " } else { "" }, self.literal(register));
            write!(script, "{comma}({name}, {high}, {low})").ok()?;
        }
        write!(script, "; RELEASE SAVEPOINT {SAVEPOINT}").ok()?;
        Some(script)
    }

    fn undo(&self) -> &'static str {
        UNDO
    }
}

impl SqlTransactional {
    fn literal(&self, name: &str) -> String {
        self.0.dialect.literal(name.as_bytes())
    }
}

impl Inner {
    /// A token of its own that only this database has, and a SELECT that finds it. A sweep takes it away
    /// some time.
    async fn question(&self) -> Done<String> {
        self.awake(std::iter::empty())?;
        let table = self.again(|| self.dialect.locate()).await?;
        let token = Lying::new(ASKED, TagVersion::random());
        self.again(|| self.dialect.token(token)).await?;
        self.located.set(&table);
        let (name, may) = (self.dialect.literal(ASKED.as_bytes()), self.dialect.may_insert());
        let Lying { high, low, .. } = token;
        Ok(format!(
            "SELECT 1 FROM {table} AS t WHERE t.name = {name} AND t.high = {high} AND t.low = {low}{may}"
        ))
    }
}

/// Bytes as digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::{SAVEPOINT, UNDO, hex};

    #[test]
    fn every_byte_is_two_digits() {
        assert_eq!(hex(b"\0a'\\\xff"), "0061275cff");
    }

    #[test]
    fn a_script_is_undone_to_where_it_began() {
        assert!(UNDO.ends_with(&format!(" {SAVEPOINT}")));
    }
}
