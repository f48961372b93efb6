//! Taints: writers inside of the registers themselves.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use dogpile::backend::{Stamp, Taints, Writer};
use dogpile::{BoxFuture, Result};
use redis::Value;

use crate::backend::Store;
use crate::client::Command;
use crate::error::{Done, Failure};
use crate::scripts;
use crate::tags::{are_one, is_one};

/// The most writers that taint one register at once. Every reader fetches them all.
///
/// Those of processes that were killed stay until they end, and the next writer takes them away.
const MOST_WRITERS: usize = 256;

pub(crate) struct RedisTaints(pub(crate) Arc<Store>);

#[deny(clippy::missing_trait_methods)]
impl Taints for RedisTaints {
    fn place<'a>(
        &'a self,
        stamps: &'a [Stamp<'a>],
        writer: Writer,
        life: Duration,
    ) -> BoxFuture<'a, Result<()>> {
        const OPERATION: &str = "taint";
        Box::pin(async move {
            let place = |stamp: &Stamp<'_>| {
                let command =
                    Command::script(&scripts::PLACE, &[self.0.keys.register(stamp.register)]);
                command.token(writer.0).life(life).arg(MOST_WRITERS).version(stamp.version)
            };
            let placed = self.0.run_and_tell(stamps.iter().map(place).collect(), stamps).await;
            match placed.and_then(|answers| are_one(&answers)) {
                Ok(true) => Ok(()),
                Ok(false) => Err(Failure::new("too many writers taint a tag").during(OPERATION)),
                Err(failure) => Err(failure.during(OPERATION)),
            }
        })
    }

    fn renew<'a>(
        &'a self,
        registers: &'a [&'a str],
        writer: Writer,
        life: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let Store { client, keys, .. } = &*self.0;
            let renew = |register: &&str| {
                let command = Command::script(&scripts::RENEW, &[keys.register(register)]);
                command.token(writer.0).life(life)
            };
            let renewed = client.run(registers.iter().map(renew).collect()).await;
            let all = renewed.and_then(|answers| are_one(&answers));
            all.map_err(|failure| failure.during("renew taint"))
        })
    }

    fn lift<'a>(
        &'a self,
        stamps: &'a [Stamp<'a>],
        writer: Writer,
        life: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let lift = |stamp: &Stamp<'_>| {
                let register = self.0.keys.register(stamp.register);
                let command = Command::script(&scripts::LIFT, &[register]);
                command.token(writer.0).life(life).version(stamp.version)
            };
            let lifted = self.0.run_and_tell(stamps.iter().map(lift).collect(), stamps).await;
            let all = lifted.and_then(|answers| were_there(stamps, &answers));
            all.map_err(|failure| failure.during("lift taint"))
        })
    }
}

/// Whether the writer was in every register: one that is named more than once had it when it was
/// named first.
fn were_there(stamps: &[Stamp<'_>], answers: &[Value]) -> Done<bool> {
    let mut seen = HashSet::with_capacity(stamps.len());
    stamps.iter().zip(answers).try_fold(true, |all, (stamp, answer)| {
        let was_there = is_one(answer)?;
        Ok(all && (!seen.insert(stamp.register) || was_there))
    })
}

impl fmt::Debug for RedisTaints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RedisTaints").field(&self.0.identity).finish()
    }
}
