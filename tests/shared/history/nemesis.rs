//! All that goes wrong, for everybody alike.

use std::thread;
use std::time::{Duration, Instant};

use dogpile::millis;
use dogpile_tests::services::{Faults, Proxy, Worker};

use crate::support::{Server, Storage};

/// One who strikes at what the processes share.
pub(super) trait Nemesis: Sized {
    /// What it does, in turn.
    fn blows() -> Vec<Blow<Self>>;

    /// Mends what a blow may have left.
    fn mend(&self) {}

    /// Strikes for so long, and leaves everything mended.
    #[expect(clippy::disallowed_methods, reason = "how long the test runs, which no clock drives")]
    fn rage(&self, workers: &mut [Worker], length: Duration) {
        let (began, blows) = (Instant::now(), Self::blows());
        for (round, blow) in blows.iter().cycle().enumerate() {
            if began.elapsed() >= length && round >= blows.len() {
                break;
            }
            thread::sleep(millis(100));
            blow(self, workers);
        }
        self.mend();
    }
}

pub(super) type Blow<N> = fn(&N, &mut [Worker]);

/// Strikes at what is stored, past the backend.
pub(super) struct Stranger<'a, S>(pub(super) &'a S);

impl<S: Storage> Nemesis for Stranger<'_, S> {
    fn blows() -> Vec<Blow<Self>> {
        vec![
            |one, _| one.0.flush(),
            |one, _| evict(one.0),
            |_, workers| pause(workers, 0),
            |one, _| tear(one.0),
            |one, _| one.0.stall(STALL),
            |one, _| evict(one.0),
            |_, workers| pause(workers, 1),
        ]
    }
}

/// Strikes at a server and the way to it as well.
pub(super) struct Storm<'a, S> {
    pub(super) server: &'a S,
    pub(super) proxy: &'a Proxy,
}

impl<S: Server> Nemesis for Storm<'_, S> {
    /// The blows that open the breaker stand apart: what comes after them would hit nobody.
    fn blows() -> Vec<Blow<Self>> {
        vec![
            |one, _| one.server.flush(),
            |one, _| evict(one.server),
            |one, _| one.proxy.cut_all().unwrap(),
            |_, workers| pause(workers, 0),
            |one, _| one.server.flush(),
            |one, _| tear(one.server),
            |one, _| one.server.restart(),
            |one, _| evict(one.server),
            |one, _| one.meanwhile(Faults { reply_delay: millis(30), ..Faults::default() }),
            |_, workers| pause(workers, 1),
            |one, _| one.meanwhile(Faults { request_delay: millis(30), ..Faults::default() }),
            |one, _| one.server.flush(),
            |one, _| one.meanwhile(Faults { black_hole: true, ..Faults::default() }),
            |one, _| one.server.stall(STALL),
            |one, _| one.meanwhile(Faults { refuse: true, ..Faults::default() }),
            |one, _| one.meanwhile(Faults { half_close: true, ..Faults::default() }),
        ]
    }

    fn mend(&self) {
        self.proxy.clear().unwrap();
    }
}

impl<S: Server> Storm<'_, S> {
    fn meanwhile(&self, faults: Faults) {
        self.proxy.set(faults).unwrap();
        thread::sleep(millis(200));
        self.proxy.clear().unwrap();
    }
}

const STALL: Duration = millis(200);

/// Registers are thrown out, all or some.
fn evict(storage: &impl Storage) {
    for (place, register) in storage.registers().iter().enumerate() {
        if place % 2 == 0 {
            storage.remove(register);
        }
    }
}

/// Entries lose their ends.
fn tear(storage: &impl Storage) {
    for entry in storage.entries() {
        if let Some(bytes) = storage.bytes(&entry) {
            storage.overwrite(&entry, &bytes[..bytes.len() / 2]);
        }
    }
}

fn pause(workers: &mut [Worker], number: usize) {
    let Some(worker) = workers.get_mut(number) else { return };
    worker.pause().unwrap();
    thread::sleep(millis(150));
    worker.resume().unwrap();
}
