//! What one subscription hears, and what that means.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dogpile::backend::Listener;
use redis::{PushInfo, PushKind, Value};
use tokio::sync::Notify;

use super::message;

/// Hears what comes by one connection.
///
/// The listener is told under the lock: what the connection's end says must not be overtaken by
/// what its beginning said. It does not block, and does not call back.
pub(super) struct Ear {
    listener: Arc<dyn Listener>,
    channel: String,
    state: Mutex<State>,
    ended: Notify,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing is promised yet. The number of the last message, if one came.
    Begins(Option<u64>),
    /// All messages came up to this number.
    Hears(u64),
    Over,
}

impl Ear {
    pub(super) fn new(listener: Arc<dyn Listener>, channel: String) -> Self {
        let state = Mutex::new(State::Begins(None));
        Self { listener, channel, state, ended: Notify::new() }
    }

    /// Something came by the connection.
    pub(super) fn hears(&self, push: &PushInfo) {
        match (&push.kind, &push.data[..]) {
            // Said by the driver.
            (PushKind::Disconnection, _) => self.over(),
            (PushKind::Message, [Value::BulkString(channel), Value::BulkString(message)])
                if channel == self.channel.as_bytes() =>
            {
                self.message(message);
            }
            _ => {}
        }
    }

    fn message(&self, message: &[u8]) {
        let Some((number, names)) = message::read(message) else { return };
        let mut state = self.state();
        match *state {
            State::Over => return,
            State::Begins(_) => *state = State::Begins(Some(number)),
            State::Hears(last) => {
                *state = State::Hears(number);
                if last.checked_add(1) != Some(number) {
                    self.missed();
                }
            }
        }
        for name in names {
            match name {
                Some(name) => self.listener.moved(name),
                // Whatever else it told.
                None if matches!(*state, State::Hears(_)) => self.missed(),
                None => {}
            }
        }
    }

    /// Something did not come; what comes from now on does.
    fn missed(&self) {
        self.listener.lost();
        self.listener.begins();
    }

    /// The number of the last message that came.
    pub(super) fn last(&self) -> Option<u64> {
        match *self.state() {
            State::Begins(last) => last,
            State::Hears(last) => Some(last),
            State::Over => None,
        }
    }

    /// The server said, behind all messages up to then, which was the last; `before` is what
    /// [`last`](Self::last) was when it was asked.
    pub(super) fn beat(&self, number: u64, before: Option<u64>) {
        let mut state = self.state();
        match *state {
            State::Over => {}
            State::Begins(last) => {
                // One that came since then came after all that is promised from now on.
                *state = State::Hears(last.map_or(number, |last| last.max(number)));
                self.listener.begins();
            }
            State::Hears(last) => {
                if number > last || before.is_some_and(|before| number < before) {
                    *state = State::Hears(number);
                    self.missed();
                }
            }
        }
    }

    /// Nothing comes any more.
    pub(super) fn over(&self) {
        let mut state = self.state();
        if *state != State::Over {
            *state = State::Over;
            self.listener.lost();
        }
        drop(state);
        self.ended.notify_one();
    }

    /// Waits until nothing comes any more.
    pub(super) async fn ended(&self) {
        self.ended.notified().await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change is one assignment.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
