//! Real servers for tests: started from the binaries of this machine, each on a free port and in a
//! folder of its own, and gone when the test is, however it ends. And what tests of several
//! processes and of a broken network need beside them: a [`Worker`] and a [`Proxy`].
//!
//! A service is a file with a type of its own, and is put together from the same pieces:
//!
//! | piece | does |
//! |---|---|
//! | `folder` | an empty folder that the server may write, and the cache that outlives tests |
//! | `account` | the user to run as where the tests run as root, which servers refuse |
//! | `port` | a free TCP port, and one that stays free while its server is down |
//! | `program` | finds the server's program, or says what to install |
//! | `template` | a data folder that is created once, and copied for every server |
//! | `process` | starts the server under a supervisor, waits until it is ready, ends it on drop |
//! | `server` | a process on a port: kills, pauses and restarts it |
//! | `signal`, `poll` | send a signal to a process, wait for what one does |
//! | `log` | keeps what the server printed, and shows it when a test fails |
//!
//! Starting blocks on processes and files, not on the runtime, so it works under paused tokio time.
//! What kills, pauses, restarts or asks a server blocks its thread, and works without a runtime.

mod account;
mod error;
mod folder;
#[cfg(test)]
mod leftovers;
mod log;
#[cfg(feature = "databases")]
mod mariadb;
mod memcached;
#[cfg(feature = "databases")]
mod pgbouncer;
mod poll;
mod port;
#[cfg(feature = "databases")]
mod postgres;
mod process;
mod program;
mod proxy;
mod redis;
mod server;
mod signal;
#[cfg(feature = "databases")]
mod template;
mod worker;

pub use error::{Error, Result};
#[cfg(feature = "databases")]
pub use mariadb::MariaDb;
pub use memcached::Memcached;
#[cfg(feature = "databases")]
pub use pgbouncer::PgBouncer;
#[cfg(feature = "databases")]
pub use postgres::Postgres;
pub use proxy::{Faults, Proxy, Traffic};
pub use redis::{Redis, RedisCluster, RedisSentinel, Reply};
pub use worker::{Part, Worker};
