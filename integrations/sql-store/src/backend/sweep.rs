//! Removing what has ended: readers do not find it, and its room is to be used again.

use std::sync::{Arc, Weak};
use std::time::Duration;

use dogpile::Owner;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::Inner;
use super::dialect::{Place, Table};
use super::life::millis;
use super::transactional::ASKED;
use crate::error::Done;

/// Between two parts of a table others come first.
const BREATH: Duration = Duration::from_millis(10);

/// The lease of whoever sweeps. No region makes such a name: theirs begin with the region's.
const LEASE: &str = "\0sweep";

/// How much a [sweep](crate::SqlStore::sweep) has removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Swept {
    /// Entries whose life was over.
    pub entries: u64,
    /// Registers that had no version any more.
    pub registers: u64,
    /// Leases that nobody had given back.
    pub leases: u64,
}

impl Inner {
    /// Sweeps all tables, part by part.
    pub(super) async fn sweep(&self) -> Done<Swept> {
        // Questions that were answered long ago. One that is not will be asked again.
        self.fold_one(ASKED.as_bytes()).await?;
        Ok(Swept {
            entries: self.sweep_table(Table::Entry).await?,
            registers: self.sweep_table(Table::Register).await?,
            leases: self.sweep_table(Table::Lease).await?,
        })
    }

    async fn sweep_table(&self, table: Table) -> Done<u64> {
        let (mut removed, mut next) = (0, Some(Place::default()));
        while let Some(from) = next {
            let chunk = self.again(|| self.dialect.sweep(table, from.clone())).await?;
            removed += chunk.removed;
            next = chunk.next.filter(|next| *next != from);
            if next.is_some() {
                sleep(BREATH).await;
            }
        }
        Ok(removed)
    }

    /// Sweeps, unless some process has begun to within `every`.
    async fn sweep_in_turn(&self, every: Duration) -> Done<()> {
        let mine = self.take(LEASE, Owner::random(), millis(every)).await?;
        if mine {
            let swept = self.sweep().await?;
            tracing::debug!(target: "dogpile", ?swept, "swept");
        }
        Ok(())
    }
}

/// The task that sweeps now and then; ends with its value.
#[derive(Debug)]
pub(super) struct Sweeper(JoinHandle<()>);

impl Sweeper {
    pub(super) fn spawn(runtime: &Handle, inner: Weak<Inner>, every: Duration) -> Self {
        Self(runtime.spawn(async move {
            loop {
                sleep(every).await;
                let Some(inner) = inner.upgrade() else { return };
                let swept = in_turn(&inner, every).await;
                if let Err(failure) = swept {
                    let error = failure.during("sweep");
                    tracing::debug!(target: "dogpile", %error, "not swept");
                }
            }
        }))
    }
}

async fn in_turn(inner: &Arc<Inner>, every: Duration) -> Done<()> {
    inner.sweep_in_turn(every).await
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        self.0.abort();
    }
}
