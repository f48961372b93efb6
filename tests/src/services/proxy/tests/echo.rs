//! A server that says what it hears.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How long it may take until something is heard.
const LIMIT: Duration = Duration::from_secs(10);

/// An echo server. It closes its connections and stops listening when it is dropped.
#[derive(Debug)]
pub(super) struct Echo {
    address: SocketAddr,
    room: Arc<Room>,
    heard: Receiver<Vec<u8>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Room {
    is_closed: AtomicBool,
    open: AtomicUsize,
    streams: Mutex<Vec<TcpStream>>,
}

impl Echo {
    /// Starts one on a free port.
    pub(super) fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let room = Arc::<Room>::default();
        let (sender, heard) = channel();
        let entered = Arc::clone(&room);
        let thread = Some(thread::spawn(move || entered.receive(&listener, &sender)));
        Ok(Self { address, room, heard, thread })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it heard next, on any connection.
    pub(super) fn hear(&self) -> Vec<u8> {
        self.heard.recv_timeout(LIMIT).unwrap_or_default()
    }

    /// How many connections are open.
    pub(super) fn open(&self) -> usize {
        self.room.open.load(Ordering::SeqCst)
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        self.room.is_closed.store(true, Ordering::SeqCst);
        // Wakes the thread that listens.
        drop(TcpStream::connect(self.address));
        drop(self.thread.take().map(JoinHandle::join));
        for stream in self.room.streams.lock().unwrap().drain(..) {
            drop(stream.shutdown(Shutdown::Both));
        }
    }
}

impl Room {
    fn receive(self: Arc<Self>, listener: &TcpListener, heard: &Sender<Vec<u8>>) {
        for stream in listener.incoming().map_while(Result::ok) {
            if self.is_closed.load(Ordering::SeqCst) {
                return;
            }
            self.streams.lock().unwrap().extend(stream.try_clone());
            self.open.fetch_add(1, Ordering::SeqCst);
            let (room, heard) = (Arc::clone(&self), heard.clone());
            thread::spawn(move || {
                drop(echo(stream, &heard));
                room.open.fetch_sub(1, Ordering::SeqCst);
            });
        }
    }
}

fn echo(mut stream: TcpStream, heard: &Sender<Vec<u8>>) -> io::Result<()> {
    let mut chunk = [0; 4096];
    loop {
        let length = stream.read(&mut chunk)?;
        if length == 0 {
            return stream.shutdown(Shutdown::Both);
        }
        // Nobody may be there to know.
        drop(heard.send(chunk[..length].to_vec()));
        stream.write_all(&chunk[..length])?;
    }
}
