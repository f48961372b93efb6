//! Telling every process what was done, and hearing of it.
//!
//! A statement that moves a register notifies a channel in its own transaction: the message comes if,
//! and after, that transaction is committed, and in the order of commits. From a `LISTEN` on until its
//! connection ends the server leaves no message out, so messages need no numbers. What is left is
//! silence, and it has many causes: a frozen server, a cut network, a pooler that runs `LISTEN` in a
//! session of somebody else, a listening connection to another server than the calls. One thing
//! finds them all: each second a beat is sent the way that all calls take, and has to come back by the
//! listening connection.

mod board;
mod channel;
mod hear;
mod message;

use std::fmt;
use std::sync::{Arc, Once};
use std::time::Duration;

use dogpile::BoxFuture;
use dogpile::backend::{Listener, Listening};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, SqlStr};
use tokio::runtime::Handle;

use self::board::{Board, Id};
pub(super) use self::channel::Channel;
pub(super) use self::message::{freed, moved};
use super::sql::text;
use crate::config::Settings;
use crate::pool::Pool;

/// What a store hears of others, over one connection for all who want to know: made for the first,
/// ended after the last.
pub(super) struct Post(Arc<Shared>);

/// What the post and its task share.
struct Shared {
    /// How calls reach the server.
    pool: Arc<Pool<sqlx::Postgres>>,
    /// How the listening connection is made.
    options: PgConnectOptions,
    connect_timeout: Duration,
    /// What the channel is called.
    name: SqlStr,
    /// Sends a beat.
    beat: SqlStr,
    board: Board,
    /// Whether somebody was told that nothing is ever heard.
    warned: Once,
}

impl Post {
    pub(super) fn new(
        pool: Arc<Pool<sqlx::Postgres>>,
        options: PgConnectOptions,
        channel: &Channel,
        settings: &Settings,
    ) -> Self {
        Self(Arc::new(Shared {
            pool,
            options: options.application_name("dogpile listen").disable_statement_logging(),
            connect_timeout: settings.connect_timeout,
            name: text(format!("SELECT {}", channel.name())),
            beat: text(format!("SELECT {}", channel.tell("$1::text"))),
            board: Board::default(),
            warned: Once::new(),
        }))
    }

    /// Tells `listener` of registers that move, for as long as what is returned is kept.
    pub(super) fn listen(&self, runtime: &Handle, listener: Arc<dyn Listener>) -> impl Listening {
        let shared = Arc::clone(&self.0);
        let id = shared.board.join(listener);
        self.hear(runtime);
        Heard { shared, id }
    }

    /// Resolves when it is told that a lease is given back.
    pub(super) fn freed(&self, runtime: &Handle, name: &str) -> BoxFuture<'static, ()> {
        let freed = self.0.board.freed(name);
        self.hear(runtime);
        freed
    }

    fn hear(&self, runtime: &Handle) {
        if self.0.board.begins() {
            runtime.spawn(hear::hear(Arc::clone(&self.0)));
        }
    }
}

impl Drop for Post {
    fn drop(&mut self) {
        self.0.board.closes();
    }
}

impl fmt::Debug for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Post").field(&self.0.board).finish()
    }
}

/// A listener, for as long as it listens.
struct Heard {
    shared: Arc<Shared>,
    id: Id,
}

impl Listening for Heard {}

impl Drop for Heard {
    fn drop(&mut self) {
        self.shared.board.leave(self.id);
    }
}

impl fmt::Debug for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Heard").field(&self.id).finish()
    }
}
