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
        blocking(Self::launch).await
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

    /// Blocks until every master says that all three are there and all slots are served.
    ///
    /// # Errors
    ///
    /// [`Error::Unsettled`] after a minute.
    pub fn wait_until_well(&self) -> Result<()> {
        let mut last = String::new();
        let settled = poll(LIMIT, || match self.nodes.iter().find_map(complaint) {
            Some(complaint) => {
                last = complaint;
                None
            }
            None => Some(()),
        });
        let aim = String::from("agree on their slots");
        settled.ok_or(Error::Unsettled { service: "Redis Cluster", aim, limit: LIMIT, last })
    }

    fn launch() -> Result<Self> {
        let buses: Vec<_> = SLOTS.iter().map(|_| Reserved::new()).collect::<Result<_>>()?;
        let nodes: Vec<_> = buses.iter().map(node).collect::<Result<_>>()?;
        let cluster = Self { nodes, _buses: buses };
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
        for (met, bus) in self.nodes.iter().zip(&self._buses).skip(1) {
            let (ip, port) = (met.address().ip().to_string(), met.port().to_string());
            let bus = bus.address().port().to_string();
            self.nodes[0].command(&["CLUSTER", "MEET", &ip, &port, &bus])?;
        }
        Ok(())
    }
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
fn complaint(node: &Redis) -> Option<String> {
    let info = match node.command(&["CLUSTER", "INFO"]) {
        Ok(info) => info,
        Err(error) => return Some(error.to_string()),
    };
    let expected = [
        ("cluster_state", "ok"),
        ("cluster_known_nodes", "3"),
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
