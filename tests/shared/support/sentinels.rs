//! Losing a server, so that another takes over.

use dogpile_tests::services::{Redis, RedisSentinel};

/// Servers of which another takes over.
pub(crate) trait Sentinels {
    fn replica(&self) -> &Redis;

    /// From now on the replica gets nothing of what the primary acknowledges.
    fn part(&self);

    /// Kills the primary, and waits until the replica is the next one.
    fn lose_master(&self);

    /// Starts the lost one again, as the replica.
    fn bring_back(&self);
}

impl Sentinels for RedisSentinel {
    fn replica(&self) -> &Redis {
        self.replica().unwrap()
    }

    fn part(&self) {
        self.replica().unwrap().pause().unwrap();
        // What is sent to one that is frozen waits for it; to nobody, it is lost.
        let cut = ["CLIENT", "KILL", "TYPE", "replica"];
        self.master().unwrap().command(&cut).unwrap();
    }

    fn lose_master(&self) {
        let old = self.kill_master().unwrap();
        let replica = self.servers().iter().find(|server| server.address() != old).unwrap();
        replica.resume().unwrap();
        self.wait_for_another_master(old).unwrap();
    }

    fn bring_back(&self) {
        self.bring_back().unwrap();
    }
}
