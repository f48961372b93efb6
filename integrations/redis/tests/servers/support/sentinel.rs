//! A primary with a replica, and sentinels that watch them.

use std::sync::Arc;

use dogpile_tests::services::{Redis, RedisSentinel};

use super::{Group, Server, started};

#[derive(Clone)]
pub(crate) struct Watched {
    all: Arc<RedisSentinel>,
    pub(crate) primary: Server,
    pub(crate) replica: Server,
}

impl Group for RedisSentinel {
    fn server(&self, place: usize) -> &Redis {
        &self.servers()[place]
    }
}

impl Watched {
    pub(crate) fn start() -> Self {
        let all = Arc::new(started(RedisSentinel::start()));
        let server = |place| Server { group: Arc::clone(&all) as Arc<dyn Group>, place };
        // The first one was the primary from the start.
        Self { primary: server(0), replica: server(1), all }
    }

    pub(crate) fn url(&self) -> String {
        let sentinels = self.all.sentinels().iter().map(|server| server.address().to_string());
        let sentinels: Vec<_> = sentinels.collect();
        format!("redis-sentinel://{}/{}", sentinels.join(","), self.all.master_name())
    }

    /// Kills the primary, and waits until the replica is the next one.
    pub(crate) fn fail_over(&self) {
        let old = self.all.kill_master().unwrap();
        self.all.wait_for_another_master(old).unwrap();
    }

    /// Has the sentinels name a server that they have not known.
    pub(crate) fn name(&self, server: &Server) {
        let (ip, port) = (server.address().ip().to_string(), server.port().to_string());
        let name = self.all.master_name();
        for sentinel in self.all.sentinels() {
            sentinel.command(&["SENTINEL", "REMOVE", name]).unwrap();
            sentinel.command(&["SENTINEL", "MONITOR", name, &ip, &port, "2"]).unwrap();
        }
    }
}
