//! The calls of its taints, disturbed.

use std::sync::Arc;
use std::time::Duration;

use super::{Chaos, Operation};
use crate::backend::{Stamp, Taints, Writer};
use crate::error::Result;
use crate::lease::BoxFuture;

#[derive(Debug)]
pub(super) struct ChaosTaints {
    pub(super) inner: Arc<dyn Taints>,
    pub(super) chaos: Chaos,
}

impl ChaosTaints {
    async fn lift_or_lose(
        &self,
        stamps: &[Stamp<'_>],
        writer: Writer,
        life: Duration,
    ) -> Result<bool> {
        if self.chaos.dice.happens(self.chaos.lose_bumps) {
            self.chaos.dice.lose();
            return Ok(true);
        }
        self.inner.lift(stamps, writer, life).await
    }
}

#[deny(clippy::missing_trait_methods)]
impl Taints for ChaosTaints {
    fn place<'a>(
        &'a self,
        stamps: &'a [Stamp<'a>],
        writer: Writer,
        life: Duration,
    ) -> BoxFuture<'a, Result<()>> {
        // Begun when its turn has come: some stores work as soon as they are called.
        let call = async move { self.inner.place(stamps, writer, life).await };
        Box::pin(self.chaos.disturb(Operation::Place, call))
    }

    fn renew<'a>(
        &'a self,
        registers: &'a [&'a str],
        writer: Writer,
        life: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        let call = async move { self.inner.renew(registers, writer, life).await };
        Box::pin(self.chaos.disturb(Operation::RenewTaints, call))
    }

    fn lift<'a>(
        &'a self,
        stamps: &'a [Stamp<'a>],
        writer: Writer,
        life: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(self.chaos.disturb(Operation::Lift, self.lift_or_lose(stamps, writer, life)))
    }
}
