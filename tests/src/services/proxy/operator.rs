//! Lets clients in and does what it is told.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, mpsc};

use tokio::net::TcpStream;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;

use super::connection::Connection;
use super::door::Door;
use super::faults::{Faults, Weather};
use super::traffic::Counters;

/// Something to do.
#[derive(Debug)]
pub(super) enum Order {
    /// Replace the faults.
    Set(Faults),
    /// Cut all connections.
    Cut,
    /// Leave all connections in a black hole.
    Strand,
    /// Show all clients the end of the stream.
    HalfClose,
}

/// An order, and where to say that it was carried out.
#[derive(Debug)]
pub(super) struct Request {
    /// The order.
    pub(super) order: Order,
    /// Where to say so.
    pub(super) done: mpsc::Sender<io::Result<()>>,
}

/// The one task that accepts connections and changes the weather.
#[derive(Debug)]
pub(super) struct Operator {
    door: Door,
    upstream: SocketAddr,
    counters: Arc<Counters>,
    weather: watch::Sender<Weather>,
}

impl Operator {
    /// One in good weather.
    pub(super) fn new(door: Door, upstream: SocketAddr, counters: Arc<Counters>) -> Self {
        Self { door, upstream, counters, weather: watch::Sender::default() }
    }

    /// Works until there is nobody left to give orders.
    pub(super) async fn run(mut self, mut requests: UnboundedReceiver<Request>) {
        loop {
            tokio::select! {
                biased;
                request = requests.recv() => match request {
                    // Whoever has asked may have panicked.
                    Some(request) => drop(request.done.send(self.carry_out(request.order))),
                    None => return,
                },
                client = self.door.accept() => self.serve(client),
            }
        }
    }

    fn carry_out(&mut self, order: Order) -> io::Result<()> {
        match order {
            Order::Set(faults) => {
                self.weather.send_modify(|weather| weather.faults = faults);
                if !faults.refuse {
                    return self.door.reopen();
                }
                self.door.close();
            }
            Order::Cut => self.door.turn_away(),
            Order::Strand => {
                self.weather.send_modify(|weather| weather.strandings += 1);
                return Ok(());
            }
            Order::HalfClose => {
                self.weather.send_modify(|weather| weather.half_closings += 1);
                return Ok(());
            }
        }
        self.weather.send_modify(|weather| weather.cuts += 1);
        Ok(())
    }

    fn serve(&self, client: TcpStream) {
        self.counters.connections.fetch_add(1, Ordering::SeqCst);
        let connection = Connection::new(self.weather.subscribe(), Arc::clone(&self.counters));
        tokio::spawn(connection.serve(client, self.upstream));
    }
}
