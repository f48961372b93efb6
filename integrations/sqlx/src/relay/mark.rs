//! How far a relay has come, and whether it is its turn.

use std::time::Duration;

use sqlx::{Error, Pool};
use tokio::time::Instant;

use super::database::RelayDatabase;
use super::sql::Texts;

/// The number of the feed up to which all is invalidated.
#[derive(Debug)]
pub(super) enum Mark {
    /// That of this process alone. None before the first look.
    Own(Option<i64>),
    /// That of all relays of a name, in the database.
    Shared {
        /// When the lease was asked for that is held.
        held: Option<Instant>,
        /// What it was when the lease was taken, and what was marked since. None: nothing ever was.
        seq: Option<i64>,
    },
}

impl Mark {
    pub(super) fn new(each_process: bool) -> Self {
        if each_process { Self::Own(None) } else { Self::Shared { held: None, seq: None } }
    }

    pub(super) fn seq(&self) -> Option<i64> {
        match self {
            Self::Own(seq) | Self::Shared { seq, .. } => *seq,
        }
    }

    /// Whether it is this relay's turn. Takes the lease where nobody has it, and renews it in time.
    pub(super) async fn leads<DB: RelayDatabase>(
        &mut self,
        pool: &Pool<DB>,
        texts: &Texts,
        lease: Duration,
    ) -> Result<bool, Error> {
        let Self::Shared { held, seq } = self else {
            return Ok(true);
        };
        if held.is_some_and(|at| at.elapsed() < lease / 3) {
            return Ok(true);
        }
        // Whatever becomes of this call, what is not renewed is not held.
        let (before, asked) = (held.take(), Instant::now());
        if DB::touch(pool, texts.claim()).await? == 0 {
            return Ok(false);
        }
        // It may have been another's in between.
        if before.is_none_or(|at| at.elapsed() >= lease) {
            let marked = DB::quads(pool, texts.marked()).await?;
            *seq = marked.first().map(|(seq, ..)| *seq).filter(|seq| *seq >= 0);
        }
        *held = Some(asked);
        Ok(true)
    }

    /// Marks a number, after all up to it was invalidated.
    pub(super) async fn advance<DB: RelayDatabase>(
        &mut self,
        pool: &Pool<DB>,
        texts: &Texts,
        to: i64,
    ) -> Result<(), Error> {
        match self {
            Self::Own(seq) => *seq = Some(to),
            Self::Shared { held, seq } => {
                *seq = Some(to);
                if DB::touch(pool, texts.advance(to)).await? == 0 {
                    *held = None;
                }
            }
        }
        Ok(())
    }

    /// Lets another one begin at once.
    pub(super) async fn release<DB: RelayDatabase>(&mut self, pool: &Pool<DB>, texts: &Texts) {
        if let Self::Shared { held: held @ Some(_), .. } = self {
            *held = None;
            // Where it fails, the lease ends by itself.
            drop(DB::touch(pool, texts.release()).await);
        }
    }
}
