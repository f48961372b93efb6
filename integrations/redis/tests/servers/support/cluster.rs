//! A cluster of three primaries, each with as many replicas as wanted.

use super::{Server, wait_until};

#[derive(Clone)]
pub(crate) struct Cluster {
    pub(crate) primaries: Vec<Server>,
    pub(crate) replicas: Vec<Server>,
}

impl Cluster {
    pub(crate) fn start(replicas: usize) -> Self {
        let node = || Server::with(&["--cluster-enabled", "yes", "--cluster-node-timeout", "1000"]);
        let primaries: Vec<_> = (0..3).map(|_| node()).collect();
        for (place, (server, slots)) in
            primaries.iter().zip([["0", "5460"], ["5461", "10922"], ["10923", "16383"]]).enumerate()
        {
            server.cli(&["CLUSTER", "SET-CONFIG-EPOCH", &(place + 1).to_string()]);
            server.cli(&["CLUSTER", "ADDSLOTSRANGE", slots[0], slots[1]]);
        }
        let replicas: Vec<_> = (0..replicas).map(|_| node()).collect();
        let first = primaries[0].port().to_string();
        for server in primaries.iter().chain(&replicas) {
            server.cli(&["CLUSTER", "MEET", "127.0.0.1", &first]);
        }
        let cluster = Self { primaries, replicas };
        cluster.wait();
        for (replica, primary) in cluster.replicas.iter().zip(&cluster.primaries) {
            let id = primary.cli(&["CLUSTER", "MYID"]);
            wait_until("the replica knows its primary", || {
                replica.cli(&["CLUSTER", "REPLICATE", &id]) == "OK"
            });
            wait_until("the replica follows", || {
                replica.cli(&["INFO", "replication"]).contains("master_link_status:up")
            });
        }
        cluster.wait();
        cluster
    }

    /// Waits until all know all and the cluster works.
    pub(crate) fn wait(&self) {
        let all = self.primaries.len() + self.replicas.len();
        wait_until("the cluster is up", || {
            self.servers().all(|server| {
                let info = server.cli(&["CLUSTER", "INFO"]);
                info.contains("cluster_state:ok")
                    && info.contains(&format!("cluster_known_nodes:{all}"))
            })
        });
    }

    pub(crate) fn servers(&self) -> impl Iterator<Item = &Server> {
        self.primaries.iter().chain(&self.replicas)
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
            self.primaries.iter().map(|server| format!("127.0.0.1:{}", server.port())).collect();
        format!("redis-cluster://{}", hosts.join(","))
    }

    pub(crate) fn flush(&self) {
        self.primaries.iter().for_each(|server| drop(server.cli(&["FLUSHALL"])));
    }

    pub(crate) fn restart(&self) {
        self.servers().for_each(Server::kill);
        self.servers().for_each(Server::run);
        self.wait();
    }
}
