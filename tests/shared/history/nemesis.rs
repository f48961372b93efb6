//! All that goes wrong, for everybody alike.

use std::thread;
use std::time::{Duration, Instant};

use dogpile::millis;
use dogpile_tests::services::{Faults, Proxy, Worker};

use crate::support::Server;

pub(super) struct Nemesis<'a, S> {
    server: &'a S,
    proxy: &'a Proxy,
}

type Blow<'a, S> = fn(&Nemesis<'a, S>, &mut [Worker]);

impl<'a, S: Server> Nemesis<'a, S> {
    /// The blows that open the breaker stand apart: what comes after them would hit nobody.
    const BLOWS: [Blow<'a, S>; 16] = [
        |one, _| one.server.flush(),
        |one, _| one.evict(),
        |one, _| one.proxy.cut_all().unwrap(),
        |_, workers| pause(workers, 0),
        |one, _| one.server.flush(),
        |one, _| one.tear(),
        |one, _| one.server.restart(),
        |one, _| one.evict(),
        |one, _| one.meanwhile(Faults { reply_delay: millis(30), ..Faults::default() }),
        |_, workers| pause(workers, 1),
        |one, _| one.meanwhile(Faults { request_delay: millis(30), ..Faults::default() }),
        |one, _| one.server.flush(),
        |one, _| one.meanwhile(Faults { black_hole: true, ..Faults::default() }),
        |one, _| one.freeze(),
        |one, _| one.meanwhile(Faults { refuse: true, ..Faults::default() }),
        |one, _| one.meanwhile(Faults { half_close: true, ..Faults::default() }),
    ];

    pub(super) fn new(server: &'a S, proxy: &'a Proxy) -> Self {
        Self { server, proxy }
    }

    /// Strikes for so long, and leaves everything mended.
    #[expect(clippy::disallowed_methods, reason = "how long the test runs, which no clock drives")]
    pub(super) fn rage(&self, workers: &mut [Worker], length: Duration) {
        let began = Instant::now();
        for (round, blow) in Self::BLOWS.iter().cycle().enumerate() {
            if began.elapsed() >= length && round >= Self::BLOWS.len() {
                break;
            }
            thread::sleep(millis(100));
            blow(self, workers);
        }
        self.proxy.clear().unwrap();
    }

    /// Registers are thrown out, all or some.
    fn evict(&self) {
        for (place, register) in self.server.registers().iter().enumerate() {
            if place % 2 == 0 {
                self.server.remove(register);
            }
        }
    }

    /// Entries lose their ends.
    fn tear(&self) {
        for entry in self.server.entries() {
            if let Some(bytes) = self.server.bytes(&entry) {
                self.server.overwrite(&entry, &bytes[..bytes.len() / 2]);
            }
        }
    }

    fn freeze(&self) {
        self.server.pause();
        thread::sleep(millis(200));
        self.server.resume();
    }

    fn meanwhile(&self, faults: Faults) {
        self.proxy.set(faults).unwrap();
        thread::sleep(millis(200));
        self.proxy.clear().unwrap();
    }
}

fn pause(workers: &mut [Worker], number: usize) {
    let Some(worker) = workers.get_mut(number) else { return };
    worker.pause().unwrap();
    thread::sleep(millis(150));
    worker.resume().unwrap();
}
