//! Folding: tokens of transactions become part of their registers.
//!
//! Some tokens of one register are removed and their XOR goes into it, as one: no version that
//! anybody reads changes. A register that is absent has no version, and its tokens are removed. One
//! that has ended is there as long as its row is: a clock that goes back may bring it to life.
//!
//! What a reader pays for are the tokens of the registers that it asks for. So folding comes soon:
//! at an interval, and at once when this process has written many.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use dogpile::Owner;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::Inner;
use super::life::millis;
use crate::error::Done;

/// The lease of whoever folds. No region makes such a name: theirs begin with the region's.
const LEASE: &str = "\0fold";
/// Behind all names that no region makes: the tokens of questions wait for their answer.
const BEHIND_OURS: &[u8] = b"\0\xff";
/// How long it is held if its owner dies. Two who fold at once do no harm.
const LEASE_LIFE: Duration = Duration::from_secs(10);
/// So many tokens of this process are folded without waiting for the interval.
const MANY: usize = 1_000;
/// Between two parts others come first.
const BREATH: Duration = Duration::from_millis(2);

/// How much a [fold](crate::SqlStore::fold) has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Folded {
    /// Registers that had tokens, those that are absent included.
    pub registers: u64,
    /// Tokens that are part of their registers now, or gone with those that are absent.
    pub tokens: u64,
}

impl Inner {
    /// Folds all tokens that are there, part by part.
    pub(super) async fn fold(&self) -> Done<Folded> {
        let (mut folded, mut after) = (Folded::default(), BEHIND_OURS.to_vec());
        loop {
            let names = self.again(|| self.dialect.tokened(&after)).await?;
            let Some(last) = names.last().cloned() else { return Ok(folded) };
            for name in &names {
                let tokens = self.fold_one(name).await?;
                folded.tokens += tokens;
                folded.registers += u64::from(tokens > 0);
            }
            after = last;
        }
    }

    pub(super) async fn fold_one(&self, name: &[u8]) -> Done<u64> {
        let mut all = 0;
        loop {
            let part = self.again(|| self.dialect.fold(name)).await?;
            all += part.tokens;
            if !part.more {
                return Ok(all);
            }
            sleep(BREATH).await;
        }
    }

    /// Folds, unless there is nothing to fold or some process is at it.
    async fn fold_in_turn(&self) -> Done<()> {
        if self.again(|| self.dialect.tokened(BEHIND_OURS)).await?.is_empty() {
            return Ok(());
        }
        let owner = Owner::random();
        if self.take(LEASE, owner, millis(LEASE_LIFE)).await? {
            let folded = self.fold().await;
            let released = self.again(|| self.dialect.release(LEASE, owner)).await;
            tracing::debug!(target: "dogpile", ?folded, "folded");
            folded.and(released)?;
        }
        Ok(())
    }
}

/// How much is to be folded, as far as this process knows.
#[derive(Debug, Default)]
pub(super) struct Expected {
    tokens: AtomicUsize,
    many: Arc<Notify>,
}

impl Expected {
    /// So many tokens are about to be written.
    pub(super) fn expect(&self, tokens: usize) {
        if self.tokens.fetch_add(tokens, Ordering::Relaxed) + tokens >= MANY {
            self.tokens.store(0, Ordering::Relaxed);
            self.many.notify_one();
        }
    }
}

/// The task that folds now and then; ends with its value.
#[derive(Debug)]
pub(super) struct Folder(JoinHandle<()>);

impl Folder {
    pub(super) fn spawn(runtime: &Handle, inner: Weak<Inner>, every: Duration) -> Self {
        let many = inner.upgrade().map(|inner| Arc::clone(&inner.folder.many));
        Self(runtime.spawn(async move {
            let Some(many) = many else { return };
            loop {
                // Whichever comes first: the time, or many tokens.
                let _ = timeout(every, many.notified()).await;
                let Some(inner) = inner.upgrade() else { return };
                let folded = in_turn(&inner).await;
                if let Err(failure) = folded {
                    let error = failure.during("fold");
                    tracing::debug!(target: "dogpile", %error, "not folded");
                    drop(inner);
                    sleep(every).await;
                }
            }
        }))
    }
}

async fn in_turn(inner: &Arc<Inner>) -> Done<()> {
    inner.fold_in_turn().await
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.0.abort();
    }
}
