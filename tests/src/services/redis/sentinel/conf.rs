//! How the servers of a watched master are set up: to notice and act fast.

use std::ffi::OsString;
use std::fs;
use std::net::SocketAddr;

use super::NAME;
use crate::services::server::Place;
use crate::services::{Error, Result};

/// How often sentinels look, tell and ask while they find each other, in milliseconds; and when
/// they mistrust their own clock: late, because a busy machine is late.
pub(super) const HURRIED: [&str; 14] = [
    "SENTINEL",
    "DEBUG",
    "PING-PERIOD",
    "100",
    "INFO-PERIOD",
    "100",
    "PUBLISH-PERIOD",
    "100",
    "ASK-PERIOD",
    "100",
    "TILT-TRIGGER",
    "20000",
    "TILT-PERIOD",
    "1000",
];

/// The same once they have. Faster breaks failovers, in which a sentinel asks a server how it is
/// only once a second, whatever is set here: it promotes no replica of which it has not heard for
/// five times the ping period or three times the info period, and a promoted one that is not asked
/// within four times the publish period is made a replica again by the others.
pub(super) const SETTLED: [&str; 8] =
    ["SENTINEL", "DEBUG", "PING-PERIOD", "500", "INFO-PERIOD", "1000", "PUBLISH-PERIOD", "500"];

/// The options of a server, which follows the one at `master` if there is one.
pub(super) fn server(master: Option<SocketAddr>) -> Vec<String> {
    let mut options: Vec<String> = ["--repl-diskless-sync-delay", "0"].map(String::from).into();
    if let Some(master) = master {
        options.push(String::from("--replicaof"));
        options.extend([master.ip().to_string(), master.port().to_string()]);
    }
    options
}

/// The arguments of a sentinel. It rewrites its file, which therefore belongs to its account.
pub(super) fn sentinel(place: &Place<'_>, master: SocketAddr) -> Result<Vec<OsString>> {
    let path = place.folder.join("sentinel.conf");
    fs::write(&path, text(place.address, master)).map_err(Error::io("configure a sentinel"))?;
    place.account.own(&path)?;
    Ok(vec![path.into(), "--sentinel".into()])
}

fn text(own: SocketAddr, master: SocketAddr) -> String {
    let (ip, port) = (master.ip(), master.port());
    format!(
        "bind {}\nport {}\n\
         sentinel monitor {NAME} {ip} {port} 2\n\
         sentinel down-after-milliseconds {NAME} 1000\n\
         sentinel failover-timeout {NAME} 3000\n",
        own.ip(),
        own.port()
    )
}
