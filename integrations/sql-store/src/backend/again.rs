//! Calls that are made once more.
//!
//! Where others were in between nothing was done, and the call is made again as it was. Where the
//! connection failed nobody knows: the call was done, or will be, or never. After a restart of the
//! server every connection that is idle is dead, and each would cost a call. So every call is made once
//! more then, on another connection; why that does no harm is another thing for each of them:
//!
//! | call | made once more |
//! |---|---|
//! | `read`, `look`, `tokened`, `locate` | it reads |
//! | `create`, `bump` | with *other* versions. With the same ones a bump of somebody else's in between would be undone: what was stored before it would be valid again |
//! | `swap` | not as it was: [`change`](super::change) looks what became of it, and decides anew, with another version |
//! | `store` | the entry is the same, and valid for as long as its tags say so; over a newer one it is a miss at worst |
//! | `store` under a row of a lease | the same, and the row is looked at once more: whoever has lost the lease meanwhile stores nothing, and is told so even if the first call had stored |
//! | `store` under a lock | not at all: the lock has ended with its session |
//! | `remove` | what was stored in between is removed as well: a miss |
//! | `acquire` | it would find the lease taken by itself, so that nobody had it until its end: one that is its own is [renewed](take) |
//! | `renew`, `release` | of the owner's lease, and of nobody else's |
//! | `sweep`, `fold` | a part is one transaction: what it has done is not found a second time |
//! | `token` | one more row that answers the same question |

use dogpile::Owner;
use dogpile::backend::TagVersion;

use super::Inner;
use super::dialect::{Call, Dialect, Lying};
use crate::error::Done;

/// How often a call is made while others are in between.
const TIMES: u32 = 16;

impl Inner {
    /// Makes a call that may be made once more as it was.
    pub(super) async fn again<'a, T>(
        &self,
        call: impl Fn() -> Call<'a, T> + Send + Sync,
    ) -> Done<T> {
        self.or_else(&call, &call).await
    }

    /// Makes the first call, and the second one where the connection of the first one failed.
    pub(super) async fn or_else<'a, 'b, T>(
        &self,
        first: impl Fn() -> Call<'a, T> + Send + Sync,
        second: impl Fn() -> Call<'b, T> + Send + Sync,
    ) -> Done<T> {
        match steadily(first).await {
            Err(failure) if failure.is_lost() => {
                self.dialect.drop_idle();
                steadily(second).await
            }
            done => done,
        }
    }

    /// Takes the row of a lease that is free.
    pub(super) async fn take(&self, name: &str, owner: Owner, life: i64) -> Done<bool> {
        let dialect = &*self.dialect;
        self.or_else(|| dialect.acquire(name, owner, life), || take(dialect, name, owner, life))
            .await
    }
}

/// Takes the row of a lease, or keeps it where it is the owner's already.
fn take<'a>(dialect: &'a dyn Dialect, name: &'a str, owner: Owner, life: i64) -> Call<'a, bool> {
    Box::pin(async move {
        Ok(dialect.acquire(name, owner, life).await? || dialect.renew(name, owner, life).await?)
    })
}

/// The same registers with versions that nobody has seen.
pub(super) fn anew<'a>(lying: &[Lying<'a>]) -> Vec<Lying<'a>> {
    lying.iter().map(|lying| Lying::new(lying.name, TagVersion::random())).collect()
}

/// Tries again what failed because others were in between, and nothing else.
pub(super) async fn steadily<'a, T>(call: impl Fn() -> Call<'a, T> + Send + Sync) -> Done<T> {
    for _ in 1..TIMES {
        match call().await {
            Err(failure) if failure.is_passing() => {}
            done => return done,
        }
    }
    call().await
}
