//! A Redis Cluster.

use std::time::Duration;

use super::{Redis, Reply};
use crate::services::poll::poll;
use crate::services::port::Reserved;
use crate::services::server::blocking;
use crate::services::{Error, Result};

/// The slots of each master.
const SLOTS: [(&str, &str); 3] = [("0", "5460"), ("5461", "10922"), ("10923", "16383")];

/// How long the masters may take to agree. Redis itself waits two seconds before it does.
const LIMIT: Duration = Duration::from_secs(60);

/// A Redis Cluster of three masters with a third of the slots each, ended when it is dropped.
#[derive(Debug)]
pub struct RedisCluster {
    nodes: Vec<Redis>,
    replicas: Vec<Redis>,
    // Kept until the nodes are gone.
    _buses: Vec<Reserved>,
}

impl RedisCluster {
    /// Starts the masters, joins them, and waits until each of them says that the cluster is
    /// well: about three seconds.
    ///
    /// # Errors
    ///
    /// As [`Redis::start`], and [`Error::Unsettled`] when the masters do not agree.
    ///
    /// # Cancel safety
    ///
    /// A start whose future is dropped runs to its end in the background; the servers end then.
    pub async fn start() -> Result<Self> {
        blocking(|| Self::launch(0)).await
    }

    /// The same with a replica of each master, which takes its place when it dies.
    ///
    /// # Errors
    ///
    /// As [`Self::start`].
    ///
    /// # Cancel safety
    ///
    /// As [`Self::start`].
    pub async fn start_with_replicas() -> Result<Self> {
        blocking(|| {
            let cluster = Self::launch(SLOTS.len())?;
            cluster.follow()?;
            Ok(cluster)
        })
        .await
    }

    /// The replicas, in the order of their masters; none unless they were asked for.
    pub fn replicas(&self) -> &[Redis] {
        &self.replicas
    }

    /// The masters. One that is restarted comes back with its slots and without its data, and
    /// takes two seconds until it serves them; see [`Self::wait_until_well`].
    pub fn nodes(&self) -> &[Redis] {
        &self.nodes
    }

    /// The URLs of the masters.
    pub fn urls(&self) -> Vec<String> {
        self.nodes.iter().map(Redis::url).collect()
    }

    /// Blocks until every master says that all servers are there and all slots are served.
    ///
    /// # Errors
    ///
    /// [`Error::Unsettled`] after a minute.
    pub fn wait_until_well(&self) -> Result<()> {
        let known = (self.nodes.len() + self.replicas.len()).to_string();
        let complaint = |node: &Redis| complaint(node, &known);
        settle("agree on their slots", || self.nodes.iter().find_map(complaint))
    }

    fn launch(replicas: usize) -> Result<Self> {
        let count = SLOTS.len() + replicas;
        let buses: Vec<_> = (0..count).map(|_| Reserved::new()).collect::<Result<_>>()?;
        let mut nodes: Vec<_> = buses.iter().map(node).collect::<Result<_>>()?;
        let replicas = nodes.split_off(SLOTS.len());
        let cluster = Self { nodes, replicas, _buses: buses };
        cluster.join()?;
        cluster.wait_until_well()?;
        Ok(cluster)
    }

    fn join(&self) -> Result<()> {
        for ((node, (first, last)), epoch) in self.nodes.iter().zip(SLOTS).zip(1..) {
            node.command(&["CLUSTER", "ADDSLOTSRANGE", first, last])?;
            // Each its own, so that they need not settle who yields to whom.
            node.command(&["CLUSTER", "SET-CONFIG-EPOCH", &i32::to_string(&epoch)])?;
        }
        for (met, bus) in self.nodes.iter().chain(&self.replicas).zip(&self._buses).skip(1) {
            let (ip, port) = (met.address().ip().to_string(), met.port().to_string());
            let bus = bus.address().port().to_string();
            self.nodes[0].command(&["CLUSTER", "MEET", &ip, &port, &bus])?;
        }
        Ok(())
    }

    /// Has each replica follow its master.
    fn follow(&self) -> Result<()> {
        for (replica, master) in self.replicas.iter().zip(&self.nodes) {
            let id = master.command(&["CLUSTER", "MYID"])?.text().unwrap_or_default();
            // It may not have heard of its master yet.
            settle("join a replica to its master", || {
                replica.command(&["CLUSTER", "REPLICATE", &id]).err().map(|error| error.to_string())
            })?;
            settle("bring a replica into step", || match replica.info("master_link_status") {
                Ok(link) => (link != "up").then(|| format!("the link to its master is {link}")),
                Err(error) => Some(error.to_string()),
            })?;
        }
        self.wait_until_well()
    }
}

/// Looks until there is nothing to complain of; the last complaint goes into the error.
fn settle(aim: &str, mut complaint: impl FnMut() -> Option<String>) -> Result<()> {
    let mut last = String::new();
    let settled = poll(LIMIT, || match complaint() {
        Some(complaint) => {
            last = complaint;
            None
        }
        None => Some(()),
    });
    let unsettled =
        || Error::Unsettled { service: "Redis Cluster", aim: aim.into(), limit: LIMIT, last };
    settled.ok_or_else(unsettled)
}

fn node(bus: &Reserved) -> Result<Redis> {
    let bus = bus.address().port().to_string();
    let options = ["--cluster-enabled", "yes", "--cluster-port", &bus];
    let timeout = ["--cluster-node-timeout", "2000"];
    Redis::launch(
        &options.iter().chain(&timeout).map(|text| String::from(*text)).collect::<Vec<_>>(),
    )
}

/// What keeps a master from being well.
fn complaint(node: &Redis, known: &str) -> Option<String> {
    let info = match node.command(&["CLUSTER", "INFO"]) {
        Ok(info) => info,
        Err(error) => return Some(error.to_string()),
    };
    let expected = [
        ("cluster_state", "ok"),
        ("cluster_known_nodes", known),
        ("cluster_size", "3"),
        ("cluster_slots_ok", "16384"),
    ];
    let well = |(name, value): (&str, &str)| info.field(name).as_deref() == Some(value);
    let text = || format!("the node at {} says {}", node.address(), describe(&info));
    (!expected.into_iter().all(well)).then(text)
}

fn describe(info: &Reply) -> String {
    info.text().unwrap_or_default().lines().take(7).collect::<Vec<_>>().join(" ")
}
