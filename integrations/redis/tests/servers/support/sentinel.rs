//! A primary with a replica, and a sentinel that watches them.

use super::{Server, wait_until};

#[derive(Clone)]
pub(crate) struct Watched {
    pub(crate) primary: Server,
    pub(crate) replica: Server,
    pub(crate) sentinel: Server,
}

impl Watched {
    pub(crate) fn start() -> Self {
        let primary = Server::start();
        let port = primary.port().to_string();
        let replica = Server::with(&["--replicaof", "127.0.0.1", &port]);
        wait_until("the replica follows", || {
            replica.cli(&["INFO", "replication"]).contains("master_link_status:up")
        });
        let sentinel = Server::sentinel();
        sentinel.cli(&["SENTINEL", "MONITOR", "main", "127.0.0.1", &port, "1"]);
        sentinel.cli(&["SENTINEL", "SET", "main", "down-after-milliseconds", "500"]);
        sentinel.cli(&["SENTINEL", "SET", "main", "failover-timeout", "2000"]);
        let watched = Self { primary, replica, sentinel };
        watched.wait();
        watched
    }

    /// Waits until the sentinel knows the replica.
    fn wait(&self) {
        wait_until("the sentinel knows the replica", || {
            self.sentinel.cli(&["SENTINEL", "REPLICAS", "main"]).contains("slave-priority")
        });
    }

    pub(crate) fn url(&self) -> String {
        format!("redis-sentinel://127.0.0.1:{}/main", self.sentinel.port())
    }

    /// Kills the primary, and waits until the replica is the next one.
    pub(crate) fn fail_over(&self) {
        self.primary.kill();
        let port = self.replica.port().to_string();
        wait_until("the sentinel names the next primary", || {
            self.sentinel.cli(&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main"]).contains(&port)
        });
        wait_until("it is one", || self.replica.cli(&["ROLE"]).starts_with("master"));
    }
}
