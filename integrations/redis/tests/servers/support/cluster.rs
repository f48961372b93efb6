//! A cluster of three primaries, with or without replicas.

use std::sync::Arc;

use dogpile_tests::services::{Redis, RedisCluster};

use super::{Group, Server, started};

#[derive(Clone)]
pub(crate) struct Cluster {
    all: Arc<RedisCluster>,
    pub(crate) primaries: Vec<Server>,
    pub(crate) replicas: Vec<Server>,
}

impl Group for RedisCluster {
    fn server(&self, place: usize) -> &Redis {
        let replica = || &self.replicas()[place - self.nodes().len()];
        self.nodes().get(place).unwrap_or_else(replica)
    }
}

impl Cluster {
    pub(crate) fn start() -> Self {
        Self::of(started(RedisCluster::start()))
    }

    pub(crate) fn start_with_replicas() -> Self {
        Self::of(started(RedisCluster::start_with_replicas()))
    }

    fn of(cluster: RedisCluster) -> Self {
        let all = Arc::new(cluster);
        let server = |place| Server { group: Arc::clone(&all) as Arc<dyn Group>, place };
        let primaries: Vec<_> = (0..all.nodes().len()).map(server).collect();
        let replicas = (0..all.replicas().len()).map(|place| server(primaries.len() + place));
        Self { replicas: replicas.collect(), primaries, all }
    }

    /// An entry whose key is on the first primary.
    pub(crate) fn entry_on_the_first(&self) -> String {
        let slot = |key: &str| self.primaries[0].cli(&["CLUSTER", "KEYSLOT", key]);
        let is_there =
            |name: &String| slot(&format!("dogpile:e:{{.{name}}}")).parse::<u16>().unwrap() <= 5460;
        (0..).map(|n| format!("k{n}")).find(is_there).unwrap()
    }

    pub(crate) fn url(&self) -> String {
        let hosts: Vec<_> =
            self.primaries.iter().map(|server| server.address().to_string()).collect();
        format!("redis-cluster://{}", hosts.join(","))
    }

    pub(crate) fn flush(&self) {
        self.primaries.iter().for_each(|server| drop(server.cli(&["FLUSHALL"])));
    }

    pub(crate) fn restart(&self) {
        self.primaries.iter().for_each(Server::kill);
        self.primaries.iter().for_each(Server::run);
        self.all.wait_until_well().unwrap();
    }
}
