//! The locks of everything that several tasks work on at once.
//!
//! Built with `--cfg shuttle`, unit tests get locks whose every use is a point where another task
//! may go on: that is how `flight::interleavings` goes through the orders in which things can
//! happen.

#[cfg(not(all(test, shuttle)))]
mod real {
    pub(crate) use std::sync::atomic::AtomicUsize;
    pub(crate) use std::sync::{Mutex, MutexGuard, OnceLock};
    pub(crate) use std::thread::panicking;
}

#[cfg(all(test, shuttle))]
mod real {
    use std::cell::Cell;
    use std::sync::atomic::Ordering;

    pub(crate) use shuttle::sync::atomic::AtomicUsize;
    pub(crate) use shuttle::sync::{Mutex, MutexGuard};

    /// One that others may come before, as `shuttle` has none.
    pub(crate) struct OnceLock<T>(std::sync::OnceLock<T>, AtomicUsize);

    impl<T> OnceLock<T> {
        pub(crate) fn new() -> Self {
            Self(std::sync::OnceLock::new(), AtomicUsize::new(0))
        }

        pub(crate) fn get(&self) -> Option<&T> {
            self.1.load(Ordering::SeqCst);
            self.0.get()
        }

        pub(crate) fn set(&self, value: T) -> Result<(), T> {
            self.1.fetch_add(1, Ordering::SeqCst);
            self.0.set(value)
        }
    }

    thread_local! {
        static PANICKING: Cell<bool> = const { Cell::new(false) };
    }

    /// Whether the present task says that it panics: all tasks share one thread here, so that the
    /// unwinding of one would be everybody's.
    pub(crate) fn panicking() -> bool {
        PANICKING.take()
    }

    /// What is dropped next is dropped by a panic of the present task.
    pub(crate) fn panic_next() {
        PANICKING.set(true);
    }
}

pub(crate) use real::*;
