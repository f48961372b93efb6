//! What every peer goes through.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;

use crate::measure;
use crate::peers::Peer;

/// How often each measurement is taken.
pub const ROUNDS: usize = 9;

/// What was measured of one peer, by round.
#[derive(Debug, Default)]
pub struct Figures {
    /// Nanoseconds of a hit when all ask for one key.
    pub hot: Vec<f64>,
    /// Nanoseconds of a hit on one of many keys.
    pub spread: Vec<f64>,
    /// Nanoseconds of 100 hits that are asked for together.
    pub together: Vec<f64>,
    /// Nanoseconds of a miss whose creation takes no time.
    pub miss: Vec<f64>,
    pub stampede: Vec<measure::Stampede>,
    /// Bytes per entry beside its payload.
    pub memory: f64,
}

/// A peer with its runtime.
pub trait Contestant {
    fn name(&self) -> &'static str;
    fn coalesces(&self) -> bool;
    fn round(&self, round: usize, figures: &mut Figures) -> Result<(), Box<dyn Error>>;
    fn memory(&self) -> Result<f64, Box<dyn Error>>;
}

/// A contestant that begins when it is first asked.
#[derive(Debug)]
pub struct Of<P>(std::sync::OnceLock<(Runtime, Arc<P>)>);

impl<P: Peer> Of<P> {
    pub fn boxed() -> Box<dyn Contestant> {
        Box::new(Self(std::sync::OnceLock::new()))
    }

    fn begun(&self) -> &(Runtime, Arc<P>) {
        self.0.get_or_init(|| {
            let runtime = match Runtime::new() {
                Ok(runtime) => runtime,
                Err(error) => panic!("no runtime: {error}"),
            };
            let peer = runtime.block_on(async { Arc::new(P::new()) });
            (runtime, peer)
        })
    }
}

impl<P: Peer> Contestant for Of<P> {
    fn name(&self) -> &'static str {
        P::NAME
    }

    fn coalesces(&self) -> bool {
        P::COALESCES
    }

    fn round(&self, round: usize, figures: &mut Figures) -> Result<(), Box<dyn Error>> {
        let (runtime, peer) = self.begun();
        runtime.block_on(async {
            figures.hot.push(measure::hits(&**peer, 1).await);
            figures.spread.push(measure::hits(&**peer, 10_000).await);
            figures.together.push(measure::hits_together(&**peer).await);
            figures.miss.push(measure::misses(&**peer, round).await);
        });
        let creation = Duration::from_millis(100);
        figures.stampede.push(runtime.block_on(measure::stampede(peer, round, creation))?);
        Ok(())
    }

    fn memory(&self) -> Result<f64, Box<dyn Error>> {
        let (runtime, peer) = self.begun();
        runtime.block_on(measure::memory(&**peer))
    }
}
