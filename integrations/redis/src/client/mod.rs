//! Connections: one server, the primary that sentinels name, or a cluster.
//!
//! The driver's own connection managers are not used. They retry and wait, which is the region's to
//! decide, and they do not say when they have another server before them than a moment ago, which
//! the region must know before it believes an answer.

mod cluster;
mod command;
mod connection;
mod dial;
mod introduce;
mod keeper;
mod lineage;
mod mask;
mod node;
mod sentinel;

use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{PushInfo, Value};
use tokio::runtime::Handle;

pub(crate) use cluster::slot;
pub(crate) use command::Command;
pub(crate) use dial::{Dialer, Login};
pub(crate) use lineage::Lineage;

use crate::config::Target;
use crate::error::{Done, Failure};
use crate::keys::Key;
use cluster::Cluster;
use node::{Node, Place};

/// Where commands go.
pub(crate) enum Client {
    One(Node),
    Cluster(Cluster),
}

impl Client {
    pub(crate) fn new(target: Target, dialer: Dialer) -> Self {
        let dialer = Arc::new(dialer);
        match target {
            Target::One(address) => Self::One(Node::new(Place::At(address), dialer)),
            Target::Sentinel { sentinels, primary } => {
                Self::One(Node::new(Place::Named { sentinels, primary }, dialer))
            }
            Target::Cluster(seeds) => Self::Cluster(Cluster::new(seeds, dialer)),
        }
    }

    /// Connects, if it is not connected.
    pub(crate) async fn connect(&self) -> Done<()> {
        match self {
            Self::One(node) => node.connection().await.map(drop),
            Self::Cluster(cluster) => cluster.connect().await,
        }
    }

    /// The values of keys, as strings or nil, in one trip to each server.
    pub(crate) async fn values<'k>(
        &self,
        keys: impl ExactSizeIterator<Item = Key<'k>> + Clone + Send,
    ) -> Done<Vec<Value>> {
        let asked = keys.len();
        let values = match self {
            _ if asked == 0 => Vec::new(),
            Self::One(node) => node.connection().await?.values(keys).await?,
            Self::Cluster(cluster) => cluster.run(keys.map(Command::get).collect()).await?,
        };
        if values.len() == asked { Ok(values) } else { Err(Failure::unexpected()) }
    }

    /// Runs commands in one trip to each server; their answers in order, errors among them.
    pub(crate) async fn run(&self, commands: Vec<Command>) -> Done<Vec<Value>> {
        self.run_in_order(commands, Vec::new()).await
    }

    /// Runs `commands`, and `then` others once those are done: on one server in one trip, on a
    /// cluster in two.
    pub(crate) async fn run_in_order(
        &self,
        commands: Vec<Command>,
        then: Vec<Command>,
    ) -> Done<Vec<Value>> {
        match self {
            _ if commands.is_empty() => Ok(Vec::new()),
            Self::One(node) => {
                let last = then.len();
                let all: Vec<_> = commands.into_iter().chain(then).collect();
                node.connection().await?.run(&all, last).await
            }
            Self::Cluster(cluster) => {
                let mut answers = cluster.run(commands).await?;
                if !then.is_empty() {
                    answers.extend(cluster.run(then).await?);
                }
                Ok(answers)
            }
        }
    }

    /// A connection of its own to the server that has `key`, for messages: `hears` is called with
    /// each of them, in order, before any later answer is there.
    pub(crate) async fn subscriber(
        &self,
        key: Key<'_>,
        silence: Duration,
        hears: impl Fn(PushInfo) + Send + Sync + 'static,
    ) -> Done<MultiplexedConnection> {
        match self {
            Self::One(node) => node.subscriber(silence, hears).await,
            Self::Cluster(cluster) => {
                let node = cluster.owner(slot(key.to_string().as_bytes())).await?;
                node.subscriber(silence, hears).await
            }
        }
    }

    /// Runs one command.
    pub(crate) async fn ask(&self, command: Command) -> Done<Value> {
        match self.run(vec![command]).await?.into_iter().next() {
            Some(Value::ServerError(error)) => Err(Failure::answered(&error)),
            Some(answer) => Ok(answer),
            None => Err(Failure::unexpected()),
        }
    }

    /// Whether one script may touch keys of both.
    pub(crate) fn are_together(&self, one: Key<'_>, other: Key<'_>) -> bool {
        let slot = |key: Key<'_>| slot(key.to_string().as_bytes());
        matches!(self, Self::One(_)) || slot(one) == slot(other)
    }

    /// A runtime that connections live on.
    pub(crate) fn runtime(&self) -> Option<Handle> {
        match self {
            Self::One(node) => node.runtime(),
            Self::Cluster(cluster) => cluster.runtime(),
        }
    }
}
