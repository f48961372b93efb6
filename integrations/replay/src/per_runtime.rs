//! One of a kind for each tokio runtime: sockets die with the runtime that made them.

use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::{Handle, Id};

/// One `T` for each runtime that asked for one; dropped when the runtime ends.
pub(crate) struct PerRuntime<T>(Mutex<Vec<(Id, Arc<T>)>>);

impl<T: Send + Sync + 'static> PerRuntime<T> {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// The current runtime's, made when it first asks.
    pub(crate) fn current<E>(
        &'static self,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        let runtime = Handle::current();
        let mut all = self.lock();
        if let Some((_, found)) = all.iter().find(|(id, _)| *id == runtime.id()) {
            return Ok(Arc::clone(found));
        }
        let made = Arc::new(make()?);
        all.push((runtime.id(), Arc::clone(&made)));
        let leaving = Leaving { all: self, id: runtime.id() };
        // A runtime that ends drops its tasks.
        runtime.spawn(async move {
            let _leaving = leaving;
            pending::<()>().await;
        });
        Ok(made)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Id, Arc<T>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a runtime's `T` out when the runtime ends.
struct Leaving<T: Send + Sync + 'static> {
    all: &'static PerRuntime<T>,
    id: Id,
}

impl<T: Send + Sync + 'static> Drop for Leaving<T> {
    fn drop(&mut self) {
        let mut all = self.all.lock();
        let gone = all.iter().position(|(id, _)| *id == self.id).map(|at| all.swap_remove(at));
        // What a `T` does when it is dropped must not meet the lock.
        drop(all);
        drop(gone);
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::Arc;

    use super::PerRuntime;

    #[test]
    fn a_runtime_has_its_own_until_it_ends() {
        static ALL: PerRuntime<u8> = PerRuntime::new();
        let ask = |n: u8| async move { ALL.current(|| Ok::<_, Infallible>(n)).expect("made") };
        let runtime = || tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let (one, two) = (runtime(), runtime());
        assert_eq!(
            (*one.block_on(ask(1)), *one.block_on(ask(7)), *two.block_on(ask(2))),
            (1, 1, 2)
        );
        let kept = one.block_on(ask(0));
        drop(one);
        assert_eq!(ALL.lock().iter().map(|(_, n)| **n).collect::<Vec<_>>(), [2]);
        assert_eq!(Arc::strong_count(&kept), 1);
    }
}
