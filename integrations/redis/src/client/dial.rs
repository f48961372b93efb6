//! Making a connection.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use redis::aio::{MultiplexedConnection, SendError};
use redis::io::tcp::TcpSettings;
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, IntoConnectionInfo, ProtocolVersion, PushInfo,
    PushKind, RedisConnectionInfo,
};

use super::connection::Connection;
use super::introduce::introduce;
use super::lineage::Lineage;
use crate::config::Address;
use crate::error::Done;

/// Who connects. Never shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Login {
    pub(crate) user: Option<String>,
    pub(crate) password: Option<String>,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// How connections are made.
#[derive(Debug)]
pub(crate) struct Dialer {
    pub(crate) tls: bool,
    pub(crate) login: Login,
    pub(crate) sentinel_login: Login,
    pub(crate) database: i64,
    pub(crate) nodelay: bool,
    pub(crate) connect_timeout: Duration,
    pub(crate) response_timeout: Duration,
    pub(crate) lineage: Arc<Lineage>,
}

impl Dialer {
    /// Connects to a primary, and takes down which one it is before anybody asks it anything.
    pub(super) async fn connect(&self, address: &Address, place: &str) -> Done<Connection> {
        let redis = login(&self.login).set_db(self.database);
        let broken = Arc::new(AtomicBool::new(false));
        let noticed = Arc::clone(&broken);
        let hears = move |push: PushInfo| {
            // Said by the driver when the connection ends, whether anybody calls or not.
            if push.kind == PushKind::Disconnection {
                noticed.store(true, Ordering::Relaxed);
            }
        };
        let mut connection = self.dial(address, redis, self.response_timeout, hears).await?;
        let life = introduce(&mut connection).await?.primary()?;
        let mask = self.lineage.met(place, life);
        Ok(Connection::new(connection, broken, self.response_timeout, mask))
    }

    /// Connects to any server of a cluster, to ask it about the others.
    pub(super) async fn any(&self, address: &Address) -> Done<MultiplexedConnection> {
        self.dial(address, login(&self.login), self.response_timeout, drop).await
    }

    /// Connects to a sentinel.
    pub(super) async fn sentinel(&self, address: &Address) -> Done<MultiplexedConnection> {
        self.dial(address, login(&self.sentinel_login), self.response_timeout, drop).await
    }

    /// Connects to hear of something.
    pub(super) async fn subscriber(
        &self,
        address: &Address,
        silence: Duration,
        hears: impl Fn(PushInfo) + Send + Sync + 'static,
    ) -> Done<MultiplexedConnection> {
        let redis = login(&self.login).set_db(self.database);
        self.dial(address, redis, silence.max(self.response_timeout), hears).await
    }

    async fn dial(
        &self,
        address: &Address,
        redis: RedisConnectionInfo,
        silence: Duration,
        hears: impl Fn(PushInfo) + Send + Sync + 'static,
    ) -> Done<MultiplexedConnection> {
        #[cfg(feature = "tls-rustls")]
        if self.tls {
            provide_cryptography();
        }
        let tcp = TcpSettings::default().set_nodelay(self.nodelay);
        let info = self.address(address).into_connection_info()?;
        let client = Client::open(info.set_tcp_settings(tcp).set_redis_settings(redis))?;
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.connect_timeout))
            .set_response_timeout(Some(silence))
            .set_push_sender(move |push: PushInfo| {
                hears(push);
                Ok::<_, SendError>(())
            });
        Ok(client.get_multiplexed_async_connection_with_config(&config).await?)
    }

    fn address(&self, Address { host, port }: &Address) -> ConnectionAddr {
        let (host, port) = (host.clone(), *port);
        match self.tls {
            true => ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None },
            false => ConnectionAddr::Tcp(host, port),
        }
    }
}

/// The driver asks the process for its cryptography, and panics if there is none.
#[cfg(feature = "tls-rustls")]
fn provide_cryptography() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Somebody else may have been faster: just as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}

fn login(login: &Login) -> RedisConnectionInfo {
    // Only this protocol lets the driver say at once that a connection has ended.
    let mut redis = RedisConnectionInfo::default().set_protocol(ProtocolVersion::RESP3);
    if let Some(user) = &login.user {
        redis = redis.set_username(user);
    }
    if let Some(password) = &login.password {
        redis = redis.set_password(password);
    }
    redis
}

#[cfg(test)]
mod tests {
    use super::Login;

    #[test]
    fn a_login_does_not_show_itself() {
        let login = Login { user: Some("app".into()), password: Some("secret".into()) };
        assert_eq!(format!("{login:?}"), "***");
    }
}
