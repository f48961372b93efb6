//! A server in memory whose sessions hold locks.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use dogpile::backend::Put;
use tokio::task::yield_now;

use super::super::session::{Sent, Session, Sessions, Trouble};
use crate::backend::dialect::{Call, Life};
use crate::backend::lock::Id;
use crate::error::Failure;

/// What it does to those who ask it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Mood {
    #[default]
    Well,
    Refuses,
    Hangs,
    /// Another session answers.
    Pools,
    /// Statements fail, and the session stays.
    StoresFail,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) mood: Mood,
    /// Which session has a lock.
    pub(super) locks: HashMap<Id, usize>,
    /// What was sent, without beats.
    pub(super) sent: Vec<String>,
    pub(super) begun: usize,
    pub(super) sessions: usize,
    pub(super) killed: HashSet<usize>,
    pub(super) stored: Vec<(String, Vec<u8>)>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Server(pub(super) Arc<Mutex<State>>);

impl Server {
    pub(super) fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.0.lock().unwrap())
    }

    pub(super) fn mood(&self, mood: Mood) {
        self.with(|state| state.mood = mood);
    }

    /// Ends all sessions, and their locks with them.
    pub(super) fn kill(&self) {
        self.with(|state| {
            state.killed.extend(0..=state.begun);
            state.locks.clear();
        });
    }

    /// As a statement does: not at once.
    async fn met(&self) -> Result<(), Trouble> {
        yield_now().await;
        match self.with(|state| state.mood) {
            Mood::Well | Mood::StoresFail => Ok(()),
            Mood::Refuses => Err(Failure::new("refused").into()),
            Mood::Hangs => std::future::pending().await,
            Mood::Pools => Err(Trouble::Pooled),
        }
    }
}

impl Sessions for Server {
    fn begin(&self) -> Sent<'_, Box<dyn Session>> {
        Box::pin(async {
            self.with(|state| state.begun += 1);
            self.met().await?;
            let number = self.with(|state| {
                state.sessions += 1;
                state.begun
            });
            Ok(Box::new(FakeSession { server: self.clone(), number }) as Box<dyn Session>)
        })
    }
}

struct FakeSession {
    server: Server,
    number: usize,
}

impl FakeSession {
    async fn sent<T>(&self, what: &str, work: impl FnOnce(&mut State) -> T) -> Result<T, Trouble> {
        self.server.met().await?;
        let done = self.server.with(|state| {
            if !what.is_empty() {
                state.sent.push(what.to_owned());
            }
            (!state.killed.contains(&self.number)).then(|| work(state))
        });
        yield_now().await;
        done.ok_or_else(|| Failure::new("gone").into())
    }
}

impl Session for FakeSession {
    fn lock<'a>(&'a mut self, ids: &'a [Id]) -> Sent<'a, Vec<bool>> {
        let number = self.number;
        Box::pin(self.sent("lock", move |state| {
            let mut one = |id| *state.locks.entry(id).or_insert(number) == number;
            ids.iter().map(|id| one(*id)).collect()
        }))
    }

    fn unlock<'a>(&'a mut self, ids: &'a [Id]) -> Sent<'a, ()> {
        Box::pin(self.sent("unlock", |state| state.locks.retain(|id, _| !ids.contains(id))))
    }

    fn store<'a>(&'a mut self, puts: &'a [&'a Put<'a>], _: &'a [&'a str], _: Life) -> Sent<'a, ()> {
        Box::pin(async {
            if self.server.with(|state| state.mood) == Mood::StoresFail {
                return Err(Failure::new("the disk is full").into());
            }
            let stored = |state: &mut State| {
                let puts = puts.iter().map(|put| (put.key.to_owned(), put.bytes.to_vec()));
                state.stored.extend(puts);
            };
            self.sent("store", stored).await
        })
    }

    fn beat(&mut self) -> Sent<'_, ()> {
        Box::pin(self.sent("", |_| ()))
    }

    fn end(self: Box<Self>) -> Call<'static, ()> {
        Box::pin(async { Ok(()) })
    }
}

impl Drop for FakeSession {
    fn drop(&mut self) {
        self.server.with(|state| {
            state.sessions -= 1;
            state.locks.retain(|_, session| *session != self.number);
        });
    }
}
