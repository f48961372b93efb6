//! A Redis master with a replica, watched by sentinels.

mod conf;

use std::net::SocketAddr;
use std::time::Duration;

use super::{KIND, Redis, Reply};
use crate::services::poll::poll;
use crate::services::server::{Server, blocking};
use crate::services::{Error, Result};

/// What the sentinels call the master.
const NAME: &str = "dogpile";

/// How many sentinels there are. Two of them decide.
const SENTINELS: usize = 3;

/// How long servers may take to agree.
const LIMIT: Duration = Duration::from_secs(60);

/// A Redis master and its replica, watched by three sentinels, ended when it is dropped.
///
/// The sentinels take a master that is silent for a second for dead, and two of them decide.
#[derive(Debug)]
pub struct RedisSentinel {
    servers: [Redis; 2],
    sentinels: Vec<Redis>,
}

impl RedisSentinel {
    /// Starts the five servers and waits until the replica follows its master and the sentinels
    /// know it and each other.
    ///
    /// # Errors
    ///
    /// As [`Redis::start`], and [`Error::Unsettled`] when the servers do not find each other.
    ///
    /// # Cancel safety
    ///
    /// A start whose future is dropped runs to its end in the background; the servers end then.
    pub async fn start() -> Result<Self> {
        blocking(Self::launch).await
    }

    /// What the sentinels call the master.
    pub fn master_name(&self) -> &'static str {
        NAME
    }

    /// The two servers, whichever of them is the master.
    pub fn servers(&self) -> &[Redis] {
        &self.servers
    }

    /// The sentinels. One that is restarted still knows the others, and looks less often.
    pub fn sentinels(&self) -> &[Redis] {
        &self.sentinels
    }

    /// The URLs of the sentinels.
    pub fn sentinel_urls(&self) -> Vec<String> {
        self.sentinels.iter().map(Redis::url).collect()
    }

    /// The server that the sentinels call the master now.
    ///
    /// # Errors
    ///
    /// [`Error::Unsettled`] when the sentinels do not agree within a minute.
    pub fn master(&self) -> Result<&Redis> {
        self.agreed("agree on a master", |_| true)
    }

    /// The other one, which follows the master unless a test has killed it.
    ///
    /// # Errors
    ///
    /// As [`Self::master`].
    pub fn replica(&self) -> Result<&Redis> {
        let master = self.master()?.address();
        let [first, second] = &self.servers;
        Ok(if first.address() == master { second } else { first })
    }

    /// Kills the master with SIGKILL and returns where it listened. The sentinels find that out
    /// by themselves: see [`Self::wait_for_another_master`].
    ///
    /// # Errors
    ///
    /// As [`Self::master`] and [`Redis::kill`].
    pub fn kill_master(&self) -> Result<SocketAddr> {
        let master = self.master()?;
        master.kill()?;
        Ok(master.address())
    }

    /// Blocks until all sentinels call a server other than that at `old` the master, and it takes
    /// writes.
    ///
    /// # Errors
    ///
    /// [`Error::Unsettled`] after a minute.
    pub fn wait_for_another_master(&self, old: SocketAddr) -> Result<&Redis> {
        let changed = |master: &Redis| master.address() != old && role(master) == "master";
        self.agreed("make another server the master", changed)
    }

    /// Has the sentinels make the replica the master, and blocks until all of them say so, the old
    /// master follows the new one, and another failover would do: three to five seconds.
    ///
    /// # Errors
    ///
    /// [`Error::Unsettled`] when that takes more than a minute.
    pub fn failover(&self) -> Result<()> {
        let old = self.master()?;
        let leader = settle("answer", || self.running().next().ok_or("none runs".into()))?;
        settle("fail over", || push(leader, old))?;
        let new = self.wait_for_another_master(old.address())?;
        settle("make the old master a replica", || follows(old, new))?;
        // One that still sees a second master would undo the next failover.
        self.running().try_for_each(|sentinel| settle("see the replica", || knows_all(sentinel)))
    }

    /// Starts the one of the two that was killed as a replica of the other, and blocks until another
    /// failover would do.
    ///
    /// # Errors
    ///
    /// As [`Redis::restart`]; [`Error::Unsettled`] when they are not in step within a minute.
    pub fn bring_back(&self) -> Result<()> {
        let (master, lost) = (self.master()?, self.replica()?);
        lost.restart()?;
        let address = master.address();
        let (ip, port) = (address.ip().to_string(), address.port().to_string());
        lost.command(&["REPLICAOF", &ip, &port])?;
        settle("bring the lost server back", || follows(lost, master))?;
        self.running().try_for_each(|sentinel| settle("see the replica", || knows_all(sentinel)))
    }

    /// The master, once all sentinels call the same one that and it is as `wanted`.
    fn agreed(&self, aim: &str, wanted: impl Fn(&Redis) -> bool) -> Result<&Redis> {
        settle(aim, || {
            let named: Vec<_> = self.running().map(named_master).collect::<Result<_, _>>()?;
            let master = self.servers.iter().find(|server| {
                let address = server.address().to_string();
                !named.is_empty() && named.iter().all(|name| *name == address) && wanted(server)
            });
            master.ok_or_else(|| format!("the sentinels call {named:?} the master"))
        })
    }

    /// The sentinels that no test has killed.
    fn running(&self) -> impl Iterator<Item = &Redis> {
        self.sentinels.iter().filter(|sentinel| sentinel.command(&["PING"]).is_ok())
    }

    fn launch() -> Result<Self> {
        let master = Redis::launch(&conf::server(None))?;
        let replica = Redis::launch(&conf::server(Some(master.address())))?;
        settle("join the replica to its master", || follows(&replica, &master))?;
        let sentinels: Vec<_> =
            (0..SENTINELS).map(|_| sentinel(master.address())).collect::<Result<_>>()?;
        for sentinel in &sentinels {
            settle("find each other", || knows_all(sentinel))?;
        }
        for sentinel in &sentinels {
            sentinel.command(&conf::SETTLED)?;
        }
        Ok(Self { servers: [master, replica], sentinels })
    }
}

fn sentinel(master: SocketAddr) -> Result<Redis> {
    let server = Server::start(&KIND, |place| conf::sentinel(place, master))?;
    let sentinel = Redis { server };
    sentinel.command(&conf::HURRIED)?;
    Ok(sentinel)
}

/// Looks until `look` has an answer; the last complaint goes into the error.
fn settle<T>(aim: &str, mut look: impl FnMut() -> Result<T, String>) -> Result<T> {
    let mut last = String::new();
    let found = poll(LIMIT, || look().map_err(|complaint| last = complaint).ok());
    found.ok_or_else(|| Error::Unsettled {
        service: "Redis Sentinel",
        aim: aim.into(),
        limit: LIMIT,
        last,
    })
}

/// Whether the sentinel `leader` has left the master `old`. Begins a failover if it neither has nor
/// is about to: it may have refused one, or given one up.
fn push(leader: &Redis, old: &Redis) -> Result<(), String> {
    let ask = |words: &[&str]| leader.command(words).map_err(|error| error.to_string());
    // One answer for all three: an address that is looked up alone may be changing.
    let master = ask(&["SENTINEL", "MASTER", NAME])?;
    let found = ["ip", "port", "flags"].map(|name| master.entry(name).unwrap_or_default());
    let [ip, port, flags] = &found;
    if format!("{ip}:{port}") != old.address().to_string() {
        return Ok(());
    }
    if !flags.contains("failover_in_progress") {
        ask(&["SENTINEL", "FAILOVER", NAME])?;
    }
    Err(format!("the sentinel sees {found:?}"))
}

fn named_master(sentinel: &Redis) -> Result<String, String> {
    let reply = sentinel.command(&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME]);
    let reply = reply.map_err(|error| error.to_string())?;
    match reply.items() {
        [ip, port] => Ok([ip, port].map(|part| part.text().unwrap_or_default()).join(":")),
        _ => Err(String::from("a sentinel knows no master")),
    }
}

fn role(server: &Redis) -> String {
    let reply = server.command(&["ROLE"]).ok();
    reply.and_then(|reply| reply.items().first()?.text()).unwrap_or_default()
}

/// Whether `replica` follows `master` and is in step with it.
fn follows(replica: &Redis, master: &Redis) -> Result<(), String> {
    let reply = replica.command(&["ROLE"]).map_err(|error| error.to_string())?;
    let words = reply.items().iter().map(|item| match item {
        Reply::Integer(number) => number.to_string(),
        other => other.text().unwrap_or_default(),
    });
    let role = words.collect::<Vec<_>>().join(" ");
    let address = master.address();
    let wanted = format!("slave {} {} connected ", address.ip(), address.port());
    if role.starts_with(&wanted) { Ok(()) } else { Err(format!("the replica says {role}")) }
}

/// Whether a sentinel sees the master, the replica and the other sentinels, and could fail over.
fn knows_all(sentinel: &Redis) -> Result<(), String> {
    let ask = |words: &[&str]| sentinel.command(words).map_err(|error| error.to_string());
    ask(&["SENTINEL", "CKQUORUM", NAME])?;
    let master = ask(&["SENTINEL", "MASTER", NAME])?;
    let found = ["flags", "num-slaves", "num-other-sentinels"].map(|name| master.entry(name));
    let found = found.map(Option::unwrap_or_default);
    if found != ["master", "1", "2"] {
        return Err(format!("a sentinel sees flags, replicas, sentinels {found:?}"));
    }
    let replicas = ask(&["SENTINEL", "REPLICAS", NAME])?;
    let replica = replicas.items().first().cloned().unwrap_or(Reply::Nil);
    let names = ["flags", "role-reported", "master-link-status"];
    let found = names.map(|name| replica.entry(name).unwrap_or_default());
    let is_well = found == ["slave", "slave", "ok"];
    let seen = || format!("a sentinel sees a replica with flags, role, link {found:?}");
    if is_well { Ok(()) } else { Err(seen()) }
}
