//! What is asked of one server of a cluster in one go.

use std::sync::Arc;

use redis::Value;

use super::super::command::Command;
use super::super::node::Node;
use crate::error::{Done, Failure};

/// Commands for one server, and the places of their answers among all.
pub(super) struct Trip {
    pub(super) node: Arc<Node>,
    commands: Vec<Command>,
    places: Vec<usize>,
    /// The slot is on its way to this server, which answers only if asked for it by word.
    asking: bool,
}

impl Trip {
    fn new(node: Arc<Node>, asking: bool) -> Self {
        Self { node, commands: Vec::new(), places: Vec::new(), asking }
    }

    fn add(&mut self, place: usize, command: Command) {
        if self.asking {
            self.commands.push(Command::bare("ASKING"));
        }
        self.commands.push(command);
        self.places.push(place);
    }

    const fn commands_each(&self) -> usize {
        if self.asking { 2 } else { 1 }
    }

    /// Asks, and returns the answers with their places.
    pub(super) async fn go(&self) -> Done<Vec<(usize, Value)>> {
        let answers = self.node.connection().await?.run(&self.commands, 0).await?;
        let each = self.commands_each();
        let answers: Vec<_> = answers.into_iter().skip(each - 1).step_by(each).collect();
        if answers.len() != self.places.len() {
            return Err(Failure::unexpected());
        }
        Ok(self.places.iter().copied().zip(answers).collect())
    }

    /// The command whose answer has this place.
    pub(super) fn command(&self, place: usize) -> Option<Command> {
        let index = self.places.iter().position(|other| *other == place)?;
        let each = self.commands_each();
        self.commands.get(index * each + each - 1).cloned()
    }
}

/// Trips, one a server.
#[derive(Default)]
pub(super) struct Trips(pub(super) Vec<Trip>);

impl Trips {
    pub(super) fn add(&mut self, node: &Arc<Node>, asking: bool, place: usize, command: Command) {
        let same = |trip: &Trip| trip.asking == asking && Arc::ptr_eq(&trip.node, node);
        if let Some(trip) = self.0.iter_mut().find(|trip| same(trip)) {
            return trip.add(place, command);
        }
        let mut trip = Trip::new(Arc::clone(node), asking);
        trip.add(place, command);
        self.0.push(trip);
    }
}
