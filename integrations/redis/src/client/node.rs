//! One server: connected when it is first asked, and again after its connection has ended.

use std::sync::Arc;
use std::time::Duration;

use redis::PushInfo;
use redis::aio::MultiplexedConnection;
use tokio::runtime::Handle;

use super::connection::Connection;
use super::dial::Dialer;
use super::keeper::{Keeper, runtime};
use super::sentinel;
use crate::config::Address;
use crate::error::Done;

pub(crate) struct Node {
    place: Place,
    dialer: Arc<Dialer>,
    keeper: Keeper<Connection>,
}

/// Where a server is.
#[derive(Debug, Clone)]
pub(super) enum Place {
    At(Address),
    /// In a cluster: one of several.
    Among(Address),
    /// Where sentinels say that it is.
    Named {
        sentinels: Vec<Address>,
        primary: String,
    },
}

impl Place {
    async fn connect(&self, dialer: &Dialer) -> Done<Connection> {
        let address = self.address(dialer).await?;
        dialer.connect(&address, &self.name()).await
    }

    /// What tells it from others of the same identity.
    fn name(&self) -> String {
        match self {
            Self::At(_) | Self::Named { .. } => String::new(),
            Self::Among(address) => address.to_string(),
        }
    }

    async fn address(&self, dialer: &Dialer) -> Done<Address> {
        match self {
            Self::At(address) | Self::Among(address) => Ok(address.clone()),
            Self::Named { sentinels, primary } => {
                sentinel::primary(dialer, sentinels, primary).await
            }
        }
    }
}

impl Node {
    pub(super) fn new(place: Place, dialer: Arc<Dialer>) -> Self {
        Self { place, dialer, keeper: Keeper::new() }
    }

    pub(super) async fn connection(&self) -> Done<Arc<Connection>> {
        let connect = || -> dogpile::BoxFuture<'static, _> {
            let (place, dialer) = (self.place.clone(), Arc::clone(&self.dialer));
            Box::pin(async move { place.connect(&dialer).await })
        };
        // The driver would panic.
        runtime()?;
        let connection = self.keeper.get(connect).await?;
        if connection.is_due() {
            self.ask_again(&connection);
        }
        Ok(connection)
    }

    /// Asks the server who it is by now, while calls go on.
    fn ask_again(&self, connection: &Arc<Connection>) {
        self.keeper.renew(|| {
            let (connection, dialer) = (Arc::clone(connection), Arc::clone(&self.dialer));
            let place = self.place.name();
            Box::pin(async move { connection.asked_again(&dialer.lineage, &place).await })
        });
    }

    /// A connection for messages.
    pub(super) async fn subscriber(
        &self,
        silence: Duration,
        hears: impl Fn(PushInfo) + Send + Sync + 'static,
    ) -> Done<MultiplexedConnection> {
        runtime()?;
        let address = self.place.address(&self.dialer).await?;
        self.dialer.subscriber(&address, silence, hears).await
    }

    /// The host that it is at, if it is known by one.
    pub(super) fn host(&self) -> &str {
        match &self.place {
            Place::At(address) | Place::Among(address) => &address.host,
            Place::Named { .. } => "",
        }
    }

    pub(super) fn runtime(&self) -> Option<Handle> {
        self.keeper.current().map(|connection| connection.runtime().clone())
    }
}
