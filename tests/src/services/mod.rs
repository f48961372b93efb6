//! Real servers for tests: started from the binaries of this machine, each on a free port and in a
//! folder of its own, and gone when the test is, however it ends.
//!
//! A service is a file with a type of its own, and is put together from the same pieces:
//!
//! | piece | does |
//! |---|---|
//! | `folder` | an empty folder that the server may write, and the cache that outlives tests |
//! | `account` | the user to run as where the tests run as root, which servers refuse |
//! | `port` | a free TCP port |
//! | `process` | starts the server under a supervisor, waits until it is ready, ends it on drop |
//! | `log` | keeps what the server printed, and shows it when a test fails |
//!
//! Starting blocks on processes and files, not on the runtime, so it works under paused tokio time.

mod account;
mod error;
mod folder;
mod log;
mod port;
mod postgres;
mod process;

pub use error::{Error, Result};
pub use postgres::Postgres;
