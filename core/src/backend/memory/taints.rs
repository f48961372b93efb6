//! The taints of a store in memory.

use std::collections::HashMap;
use std::time::Duration;

use super::MemoryBackend;
use crate::backend::{Stamp, Taints, Writer};
use crate::error::Result;
use crate::lease::BoxFuture;

#[deny(clippy::missing_trait_methods)]
impl Taints for MemoryBackend {
    fn place<'a>(
        &'a self,
        stamps: &'a [Stamp<'a>],
        writer: Writer,
        life: Duration,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for stamp in stamps {
                self.0.registers.place(stamp, writer, life);
                self.0.listeners.moved(stamp.register);
            }
            Ok(())
        })
    }

    fn renew<'a>(
        &'a self,
        registers: &'a [&'a str],
        writer: Writer,
        life: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let renew = |name: &&str| self.0.registers.renew(name, writer, life);
            // All of them, whether or not one was lost.
            Ok(registers.iter().filter(|name| !renew(name)).count() == 0)
        })
    }

    fn lift<'a>(
        &'a self,
        stamps: &'a [Stamp<'a>],
        writer: Writer,
        life: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            // A register that is named more than once had its writer when it was named first.
            let mut lifted = HashMap::with_capacity(stamps.len());
            for stamp in stamps {
                let held = self.0.registers.lift(stamp, writer, life);
                self.0.listeners.moved(stamp.register);
                lifted.entry(stamp.register).or_insert(held);
            }
            Ok(lifted.into_values().all(|held| held))
        })
    }
}
