//! Connections whose two sides are both in this process.

use std::io::{self, ErrorKind};
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select, try_join};
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlRow, MySqlSslMode};
use sqlx::{ConnectOptions, Connection, Executor, MySql, SqlSafeStr};
use tokio::time::timeout;

use super::endpoint::Endpoint;
use super::listener::Listener;
use super::message::STATEMENT;
use crate::error::ReplayError;
use crate::row_set::RowSet;

/// How long somebody who connects may take to tell the secret. The driver tells it at once.
const PATIENCE: Duration = Duration::from_secs(2);

/// The driver keeps a buffer of the size of the largest row; after so many bytes it is let go.
const LARGE: usize = 64 << 10;

/// The driver, and what it talks to.
pub(super) struct Pair {
    driver: MySqlConnection,
    endpoint: Endpoint,
}

impl Pair {
    pub(super) async fn open() -> Result<Self, ReplayError> {
        Self::open_at(Listener::bind().await.map_err(ReplayError::Endpoint)?).await
    }

    /// The place to connect to goes as soon as the two have found each other.
    async fn open_at(listener: Listener) -> Result<Self, ReplayError> {
        // Whoever else may connect there does not know this.
        let secret = format!("{:032x}", rand::random::<u128>());
        let options = options(&listener, &secret).map_err(ReplayError::Endpoint)?;
        let (driver, endpoint) = try_join(connect(options), accept(&listener, &secret)).await?;
        Ok(Self { driver, endpoint })
    }

    /// Has the driver read rows. After an error, or if this is dropped, the two are out of step.
    pub(super) async fn replay(
        &mut self,
        rows: &RowSet<MySql>,
    ) -> Result<Vec<MySqlRow>, ReplayError> {
        let found = self.read(rows).await?;
        self.endpoint.question().await.map_err(ReplayError::Endpoint)?;
        if rows.bytes().len() > LARGE {
            self.driver.shrink_buffers();
        }
        if found.len() == rows.len() {
            return Ok(found);
        }
        Err(ReplayError::Driver(sqlx::Error::Protocol("another number of rows".into())))
    }

    async fn read(&mut self, rows: &RowSet<MySql>) -> Result<Vec<MySqlRow>, ReplayError> {
        let answer = pin!(self.endpoint.answer(rows));
        let read = pin!(sqlx::query(STATEMENT).fetch_all(&mut self.driver));
        match select(answer, read).await {
            Either::Left((sent, read)) => {
                sent.map_err(ReplayError::Endpoint)?;
                read.await.map_err(failed)
            }
            Either::Right((read, _)) => {
                read.map_err(failed)?;
                // It saw an end before all was sent.
                Err(ReplayError::Endpoint(ErrorKind::InvalidData.into()))
            }
        }
    }
}

/// Options under which the driver asks for nothing by itself.
fn options(listener: &Listener, secret: &str) -> io::Result<MySqlConnectOptions> {
    let options = listener.options()?.username(secret).ssl_mode(MySqlSslMode::Disabled);
    let options = options.pipes_as_concat(false).no_engine_substitution(false);
    let options = options.timezone(None).set_names(false).statement_cache_capacity(1);
    Ok(options.disable_statement_logging())
}

async fn connect(options: MySqlConnectOptions) -> Result<MySqlConnection, ReplayError> {
    let mut driver = options.connect().await.map_err(failed)?;
    (&mut driver).prepare(STATEMENT.into_sql_str()).await.map_err(failed)?;
    Ok(driver)
}

async fn accept(listener: &Listener, secret: &str) -> Result<Endpoint, ReplayError> {
    loop {
        let stream = listener.accept().await.map_err(ReplayError::Endpoint)?;
        // Others are sent away.
        if let Ok(Ok(endpoint)) = timeout(PATIENCE, Endpoint::welcome(stream, secret)).await {
            return Ok(endpoint);
        }
    }
}

fn failed(error: sqlx::Error) -> ReplayError {
    match error {
        sqlx::Error::Io(error) => ReplayError::Endpoint(error),
        error => ReplayError::Driver(error),
    }
}

#[cfg(test)]
mod tests {
    use sqlx::Row;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::{Listener, Pair};
    use crate::mysql::sample::sample;

    async fn replays(mut pair: Pair) {
        for value in [1, 7, 255] {
            let rows = pair.replay(&sample(value)).await.expect("replayed");
            assert_eq!(rows.iter().map(|row| row.get::<u8, _>("n")).collect::<Vec<_>>(), [value]);
        }
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn the_socket_is_private_and_gone_once_connected() {
        use std::os::unix::fs::PermissionsExt;

        let listener = Listener::bind().await.expect("bound");
        let path = listener.options().expect("options").get_socket().cloned().expect("a socket");
        let folder = path.parent().expect("a folder").to_owned();
        let mode = folder.metadata().expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        let pair = Pair::open_at(listener).await.expect("connected");
        assert!(!folder.exists());
        replays(pair).await;
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn the_socket_is_gone_when_nobody_connects() {
        let listener = Listener::bind().await.expect("bound");
        let path = listener.options().expect("options").get_socket().cloned().expect("a socket");
        drop(Pair::open_at(listener));
        assert!(!path.parent().expect("a folder").exists());
    }

    #[tokio::test]
    async fn loopback_does_where_there_are_no_sockets() {
        replays(Pair::open_at(Listener::loopback().await.expect("bound")).await.expect("open"))
            .await;
    }

    #[tokio::test]
    async fn a_silent_stranger_does_not_keep_the_driver_out() {
        let listener = Listener::loopback().await.expect("bound");
        let port = listener.options().expect("options").get_port();
        let _silent = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.expect("in");
        replays(Pair::open_at(listener).await.expect("connected")).await;
    }

    #[tokio::test]
    async fn a_stranger_is_sent_away() {
        for response in [&[0; 3][..], b"\x24\0\0\x01", b"\xff\xff\xff\x01", b"\x01\0\0\x01\0"] {
            let listener = Listener::loopback().await.expect("bound");
            let port = listener.options().expect("options").get_port();
            let mut stranger =
                tokio::net::TcpStream::connect(("127.0.0.1", port)).await.expect("in");
            let mut said = response.to_vec();
            said.extend([b'x'; 600]);
            stranger.write_all(&said).await.expect("written");
            stranger.shutdown().await.expect("shut down");
            replays(Pair::open_at(listener).await.expect("connected")).await;
            let mut heard = Vec::new();
            // The greeting, and the end in whichever way.
            drop(stranger.read_to_end(&mut heard).await);
            assert!(!heard.ends_with(crate::mysql::message::WELCOME));
        }
    }
}
