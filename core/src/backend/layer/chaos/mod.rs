//! A backend that misbehaves on purpose.

mod backend;
mod dice;
mod locks;
mod taints;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use backend::ChaosBackend;
use dice::Dice;

use super::{Layer, Operation};
use crate::backend::Backend;
use crate::error::{Error, ErrorKind, Result};
use crate::wait::sleep;

/// Makes a backend fail, dawdle, forget and return garbage, at random from a seed: for tests and
/// game days.
///
/// A region must hold every promise over it; what it costs is hits. All probabilities are between 0
/// and 1 and 0 by default, so that a new `Chaos` does nothing.
///
/// Clones are one: kept in a test, a clone [pauses](Self::pause) the chaos and
/// [counts](Self::faults) it. The same seed gives the same faults as long as the calls come in the
/// same order.
///
/// Delays are kept by tokio's timer; without a tokio runtime a delayed call never ends.
///
/// ```
/// use dogpile::backend::layer::Chaos;
/// use dogpile::backend::{BackendExt, MemoryBackend};
/// use dogpile::millis;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let chaos = Chaos::seeded(7).fail(0.5).delay(0.1, millis(20)).garble(0.01);
/// let backend = MemoryBackend::new().layer(chaos.clone());
/// for n in 0..20 {
///     let _ = backend.get(&n.to_string()).await;
/// }
/// assert!(chaos.faults() > 0);
/// # }
/// ```
#[derive(Clone)]
#[must_use]
pub struct Chaos {
    fail: [f64; Operation::ALL.len()],
    delay: (f64, Duration),
    garble: f64,
    forget: f64,
    lose_bumps: f64,
    dice: Arc<Dice>,
}

impl Chaos {
    /// Chaos that does nothing yet.
    pub fn seeded(seed: u64) -> Self {
        Self {
            fail: [0.0; Operation::ALL.len()],
            delay: (0.0, Duration::ZERO),
            garble: 0.0,
            forget: 0.0,
            lose_bumps: 0.0,
            dice: Arc::new(Dice::seeded(seed)),
        }
    }

    /// How likely any call is to fail with [`ErrorKind::Unavailable`].
    ///
    /// Half of those that fail have done their work all the same: that is how it looks when an
    /// answer is lost. An `abandon` that fails is forgotten, and the lease ends by itself.
    ///
    /// Default: 0.
    pub const fn fail(mut self, probability: f64) -> Self {
        self.fail = [probability; Operation::ALL.len()];
        self
    }

    /// The same for one operation; the others stay as they were set before.
    ///
    /// Default: 0.
    pub const fn fail_on(mut self, operation: Operation, probability: f64) -> Self {
        self.fail[operation as usize] = probability;
        self
    }

    /// How likely any call is to wait before it begins, and for how long at most.
    ///
    /// Default: 0.
    pub const fn delay(mut self, probability: f64, at_most: Duration) -> Self {
        self.delay = (probability, at_most);
        self
    }

    /// How likely an entry that is read is to come back truncated, changed or as garbage.
    ///
    /// What is stored stays as it is.
    ///
    /// Default: 0.
    pub const fn garble(mut self, probability: f64) -> Self {
        self.garble = probability;
        self
    }

    /// How likely a register that is read is to be lost.
    ///
    /// It is lost for good: the version that it had is overwritten by one that nobody knows, as if
    /// another process had created it anew.
    ///
    /// Default: 0.
    pub const fn forget(mut self, probability: f64) -> Self {
        self.forget = probability;
        self
    }

    /// How likely a bump, or the lift of a taint, is to be acknowledged and lost, as in a failover:
    /// the [incarnation](Backend::incarnation) changes before the call returns.
    ///
    /// Every process that reads the registers must then see them through clones of this one.
    ///
    /// Default: 0.
    pub const fn lose_bumps(mut self, probability: f64) -> Self {
        self.lose_bumps = probability;
        self
    }

    /// Stops doing anything, here and in every clone, until [`resume`](Self::resume).
    pub fn pause(&self) {
        self.dice.set_paused(true);
    }

    /// Goes on after a [`pause`](Self::pause).
    pub fn resume(&self) {
        self.dice.set_paused(false);
    }

    /// How many faults there have been: failures, delays, garbled entries, lost registers and
    /// bumps.
    pub fn faults(&self) -> u64 {
        self.dice.faults()
    }

    /// Does `work`, perhaps late, perhaps in vain, perhaps not at all.
    async fn disturb<T>(
        &self,
        operation: Operation,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let (likely, at_most) = self.delay;
        if self.dice.happens(likely) {
            sleep(self.dice.up_to(at_most)).await;
        }
        if !self.fails(operation) {
            return work.await;
        }
        if self.dice.coin() {
            work.await?;
        }
        Err(Error::new(ErrorKind::Unavailable, operation.name(), "chaos made this call fail"))
    }

    fn fails(&self, operation: Operation) -> bool {
        self.dice.happens(self.fail[operation as usize])
    }
}

impl Layer for Chaos {
    fn wrap(self, inner: Arc<dyn Backend>) -> impl Backend {
        ChaosBackend::new(inner, self)
    }
}

impl fmt::Debug for Chaos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chaos")
            .field("delay", &self.delay)
            .field("garble", &self.garble)
            .field("forget", &self.forget)
            .field("lose_bumps", &self.lose_bumps)
            .field("faults", &self.faults())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
