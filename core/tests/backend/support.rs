//! What the tests of a backend share.

use std::future::ready;

use dogpile::backend::{Backend, MemoryBackend};
use dogpile::testing::Subject;
use dogpile::{ManualClock, megabytes};

/// Everything that can be done to a store in memory, through the backend that `around` makes of it.
pub(crate) fn subject<B: Backend>(around: impl Fn(MemoryBackend) -> B) -> Subject {
    let clock = ManualClock::new();
    let memory = MemoryBackend::builder().capacity(megabytes(1)).clock(clock.clone()).build();
    let (lose, restart) = (memory.clone(), memory.clone());
    Subject::new(around(memory.clone()))
        .other(around(memory))
        .advance(move |by| clock.advance(by))
        .lose_registers(move || {
            lose.forget_registers();
            ready(())
        })
        .restart(move || {
            restart.restart();
            ready(())
        })
}
