//! Turns: tasks of one process that change the same register one after the other.
//!
//! Compare and swap is fair to nobody: of many writers who taint one tag at once, the last would try
//! again for each of the others, and all others' tries would be in vain. Here they queue, so that
//! those who are left to get in between are other processes. Whoever is dropped gives the turn on.

use std::hash::{BuildHasher, RandomState};

use smallvec::SmallVec;
use tokio::sync::{Mutex, MutexGuard};

/// Registers share this many queues.
const QUEUES: u64 = 64;

/// The queues of one backend in this process.
#[derive(Debug)]
pub(crate) struct Turns {
    queues: Box<[Mutex<()>]>,
    hasher: RandomState,
}

/// What is held while it is one's turn.
pub(crate) type Turn<'t> = SmallVec<[MutexGuard<'t, ()>; 4]>;

impl Turns {
    pub(crate) fn new() -> Self {
        let queues = (0..QUEUES).map(|_| Mutex::new(())).collect();
        Self { queues, hasher: RandomState::new() }
    }

    /// Waits for the turn of all these registers.
    pub(crate) async fn take(&self, registers: impl Iterator<Item = &str>) -> Turn<'_> {
        let queue = |register| usize::try_from(self.hasher.hash_one(register) % QUEUES);
        let mut places: SmallVec<[usize; 16]> =
            registers.map(|register| queue(register).unwrap_or_default()).collect();
        // In one order, so that nobody waits for somebody who waits for him.
        places.sort_unstable();
        places.dedup();
        let mut turn = Turn::new();
        for place in places {
            turn.push(self.queues[place].lock().await);
        }
        turn
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::poll_immediate;

    use super::Turns;

    #[tokio::test]
    async fn one_register_has_one_turn_at_a_time() {
        let turns = Turns::new();
        let first = turns.take(["a", "b", "a"].into_iter()).await;
        assert!(poll_immediate(turns.take(["b"].into_iter())).await.is_none());
        drop(first);
        assert!(poll_immediate(turns.take(["b"].into_iter())).await.is_some());
    }

    #[tokio::test]
    async fn whoever_stops_waiting_holds_nobody_up() {
        let turns = Turns::new();
        let all: Vec<_> = (0..200).map(|n| n.to_string()).collect();
        let first = turns.take(["0"].into_iter()).await;
        let mut second = Box::pin(turns.take(all.iter().map(String::as_str)));
        assert!(poll_immediate(&mut second).await.is_none());
        drop(second);
        drop(first);
        assert!(poll_immediate(turns.take(all.iter().map(String::as_str))).await.is_some());
    }
}
