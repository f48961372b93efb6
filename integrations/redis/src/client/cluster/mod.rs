//! A cluster: every command goes to the server of its slot, all servers at once.
//!
//! Nothing here is atomic over several keys, and nothing needs to be: a region reads versions at any
//! moment between its question and the answer, and each script stays within one slot.

mod map;
mod slot;
mod trip;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use dogpile::BoxFuture;
use futures_util::future::{join_all, select_ok};
use redis::{ServerErrorKind, Value};
use tokio::runtime::Handle;

pub(crate) use slot::slot;

use super::command::Command;
use super::dial::Dialer;
use super::keeper::Keeper;
use super::node::{Node, Place};
use crate::config::Address;
use crate::error::{Done, Failure};
use map::{Map, Range, ranges, redirected};
use trip::{Trip, Trips};

/// How many servers are asked at once for the map.
const ASKED: usize = 6;

pub(crate) struct Cluster {
    servers: Arc<Servers>,
    map: Keeper<Map>,
}

/// The servers that are known.
struct Servers {
    seeds: Vec<Address>,
    dialer: Arc<Dialer>,
    nodes: Mutex<HashMap<Address, Arc<Node>>>,
}

impl Cluster {
    pub(super) fn new(seeds: Vec<Address>, dialer: Arc<Dialer>) -> Self {
        let servers = Servers { seeds, dialer, nodes: Mutex::default() };
        Self { servers: Arc::new(servers), map: Keeper::new() }
    }

    pub(super) async fn connect(&self) -> Done<()> {
        let map = self.map().await?;
        let connected = join_all(map.nodes().iter().map(|node| node.connection())).await;
        connected.into_iter().try_for_each(|connection| connection.map(drop))
    }

    pub(super) fn runtime(&self) -> Option<Handle> {
        self.servers.known().into_values().find_map(|node| node.runtime())
    }

    /// Runs commands; their answers in order, errors among them.
    pub(super) async fn run(&self, commands: Vec<Command>) -> Done<Vec<Value>> {
        let map = self.map().await?;
        let mut answers = vec![Value::Nil; commands.len()];
        let mut trips = Trips::default();
        for (place, command) in commands.into_iter().enumerate() {
            let node = self.owner_in(&map, command.slot())?;
            trips.add(node, false, place, command);
        }
        let redirected = self.go(&trips, &mut answers).await?;
        if !redirected.0.is_empty() {
            // The map is behind. The servers have done nothing yet, and say where to ask; what is
            // redirected again is an error, among the answers.
            self.go(&redirected, &mut answers).await?;
        }
        Ok(answers)
    }

    /// Makes all trips at once; returns those that it takes beyond.
    async fn go(&self, trips: &Trips, answers: &mut [Value]) -> Done<Trips> {
        let gone = join_all(trips.0.iter().map(Trip::go)).await;
        let mut more = Trips::default();
        for (trip, gone) in trips.0.iter().zip(gone) {
            let gone = gone.inspect_err(|_| self.renew())?;
            for (place, answer) in gone {
                self.redirect(trip, place, &answer, &mut more);
                answers[place] = answer;
            }
        }
        Ok(more)
    }

    fn redirect(&self, trip: &Trip, place: usize, answer: &Value, more: &mut Trips) {
        let Value::ServerError(error) = answer else { return };
        let asking = match error.kind() {
            Some(ServerErrorKind::Moved) => false,
            Some(ServerErrorKind::Ask) => true,
            Some(ServerErrorKind::ReadOnly) => return self.renew(),
            _ => return,
        };
        if !asking {
            self.renew();
        }
        let host = trip.node.host();
        let to = error.details().and_then(|details| redirected(details, host));
        if let Some((to, command)) = to.zip(trip.command(place)) {
            more.add(&self.servers.node(&to), asking, place, command);
        }
    }

    /// The server of `slot`.
    pub(super) async fn owner(&self, slot: u16) -> Done<Arc<Node>> {
        let map = self.map().await?;
        self.owner_in(&map, slot).cloned()
    }

    fn owner_in<'m>(&self, map: &'m Map, slot: u16) -> Done<&'m Arc<Node>> {
        map.owner(slot).ok_or_else(|| {
            self.renew();
            Failure::new("no server of the cluster has this slot")
        })
    }

    async fn map(&self) -> Done<Arc<Map>> {
        let servers = &self.servers;
        self.map.get(|| Box::pin(Arc::clone(servers).first_map())).await
    }

    /// Asks for the map again, while calls go on by the one there is.
    fn renew(&self) {
        let servers = Arc::clone(&self.servers);
        self.map.renew(|| -> BoxFuture<'static, _> { Box::pin(servers.new_map()) });
    }
}

impl Servers {
    /// The first map. All servers are connected before anything is asked: one that is met later may
    /// stand for one that was lost.
    async fn first_map(self: Arc<Self>) -> Done<Map> {
        let map = Arc::clone(&self).new_map().await?;
        join_all(map.nodes().iter().map(|node| node.connection())).await;
        self.dialer.lineage.complete();
        Ok(map)
    }

    async fn new_map(self: Arc<Self>) -> Done<Map> {
        let asked = self.candidates().into_iter().map(|address| Box::pin(self.ask(address)));
        let (ranges, _) = select_ok(asked).await?;
        // One that is no primary any more may be one again later, and have lost writes meanwhile:
        // its connection must not survive that.
        let primaries: HashSet<_> = ranges.iter().map(|range| &range.primary).collect();
        self.locked(|nodes| nodes.retain(|address, _| primaries.contains(address)));
        Ok(Map::new(&ranges, |address| self.node(address)))
    }

    /// Some primaries, and some seeds.
    fn candidates(&self) -> Vec<Address> {
        let mut known: Vec<_> = self.known().into_keys().take(ASKED / 2).collect();
        let seeds: Vec<_> = self.seeds.iter().filter(|seed| !known.contains(seed)).collect();
        let room = ASKED - known.len();
        known.extend(seeds.into_iter().take(room).cloned());
        known
    }

    async fn ask(&self, address: Address) -> Done<Vec<Range>> {
        let mut question = redis::cmd("CLUSTER");
        question.arg("SLOTS");
        let mut connection = self.dialer.any(&address).await?;
        match connection.send_packed_command(&question).await? {
            Value::ServerError(error) => Err(Failure::answered(&error)),
            answer => ranges(answer, &address)
                .ok_or_else(|| Failure::new("the cluster does not say who has its slots")),
        }
    }

    fn node(&self, address: &Address) -> Arc<Node> {
        self.locked(|nodes| {
            let node = nodes.entry(address.clone()).or_insert_with(|| {
                let place = Place::Among(address.clone());
                Arc::new(Node::new(place, Arc::clone(&self.dialer)))
            });
            Arc::clone(node)
        })
    }

    fn known(&self) -> HashMap<Address, Arc<Node>> {
        self.locked(|nodes| nodes.clone())
    }

    fn locked<T>(&self, change: impl FnOnce(&mut HashMap<Address, Arc<Node>>) -> T) -> T {
        change(&mut self.nodes.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
