//! The backends that are tested, and what a test may do to their servers.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use dogpile::Backend;

/// Where a backend keeps what it is given: one server or several.
pub(crate) trait Service: Sized + Send + Sync {
    /// Starts it, and waits until it answers.
    async fn start() -> Self;

    /// What another process opens the same store with.
    fn url(&self) -> String;

    /// A handle of its own, with connections of its own: another process, as it were.
    fn open(url: &str) -> Arc<dyn Backend>;

    /// Forgets everything, at once.
    fn flush(&self);

    fn backend(&self) -> Arc<dyn Backend> {
        Self::open(&self.url())
    }
}

/// A service whose entries and registers can be counted, looked at and changed past the backend.
pub(crate) trait Storage: Service {
    /// What its entries are called there.
    fn entries(&self) -> Vec<String>;

    /// What its registers are called there.
    fn registers(&self) -> Vec<String>;

    /// The bytes under a name.
    fn bytes(&self, name: &str) -> Option<Vec<u8>>;

    /// Writes bytes under a name, past the backend.
    fn overwrite(&self, name: &str, bytes: &[u8]);

    /// Leaves things under a name that no backend writes there, one for each call of `then`.
    async fn deface(&self, name: &str, then: impl AsyncFnMut());

    /// Takes something out, past the backend.
    fn remove(&self, name: &str);

    /// Lets nobody write for so long.
    fn stall(&self, time: Duration);
}

/// A storage that is one server: it can be hidden behind a proxy, and dies.
pub(crate) trait Server: Storage {
    /// Where it listens.
    fn address(&self) -> SocketAddr;

    /// What opens it through a proxy.
    fn url_through(proxy: SocketAddr) -> String;

    /// The same for somebody who soon gives up connecting, where that has a limit of its own, and who makes
    /// no connection but for calls.
    fn hasty_url_through(proxy: SocketAddr) -> String {
        Self::url_through(proxy)
    }

    /// The same for a user who has this password. Others need none. `None` where there are no
    /// passwords, and a URL with one is refused.
    fn url_with_password(&self, proxy: SocketAddr, password: &str) -> Option<String>;

    fn kill(&self);

    fn pause(&self);

    fn resume(&self);

    fn restart(&self);
}

/// A server that throws things out for want of room.
pub(crate) trait Evicts: Server {
    /// Starts one with room for about a megabyte, that throws out what was not used for long.
    async fn start_tiny() -> Self;

    /// How much it has thrown out for want of room.
    fn evicted(&self) -> u64;
}

/// The tests named, once for each backend that throws things out.
macro_rules! on_each_that_evicts {
    ($($test:ident)*) => {
        crate::support::tests_of!(redis, dogpile_tests::services::Redis, $($test)*);
        crate::support::tests_of!(memcached, dogpile_tests::services::Memcached, $($test)*);
    };
}

/// The tests named, once for each backend that is one server. A new one is one line.
macro_rules! on_each_server {
    ($($test:ident)*) => {
        crate::support::tests_of!(redis, dogpile_tests::services::Redis, $($test)*);
        crate::support::tests_of!(memcached, dogpile_tests::services::Memcached, $($test)*);
        crate::support::tests_of!(postgres, crate::support::PostgresTables, $($test)*);
        crate::support::tests_of!(mariadb, crate::support::MariaDbTables, $($test)*);
    };
}

/// The tests named, once for each backend that is one server or one file. A new one is one line.
macro_rules! on_each_storage {
    ($($test:ident)*) => {
        crate::support::tests_of!(redis, dogpile_tests::services::Redis, $($test)*);
        crate::support::tests_of!(memcached, dogpile_tests::services::Memcached, $($test)*);
        crate::support::tests_of!(postgres, crate::support::PostgresTables, $($test)*);
        crate::support::tests_of!(mariadb, crate::support::MariaDbTables, $($test)*);
        crate::support::tests_of!(sqlite, crate::support::SqliteTables, $($test)*);
    };
}

/// The tests named, once for each backend. A new one is one line.
macro_rules! on_each_service {
    ($($test:ident)*) => {
        crate::support::tests_of!(redis, dogpile_tests::services::Redis, $($test)*);
        crate::support::tests_of!(memcached, dogpile_tests::services::Memcached, $($test)*);
        crate::support::tests_of!(redis_cluster, dogpile_tests::services::RedisCluster, $($test)*);
        crate::support::tests_of!(redis_sentinel, dogpile_tests::services::RedisSentinel, $($test)*);
        crate::support::tests_of!(postgres, crate::support::PostgresTables, $($test)*);
        crate::support::tests_of!(mariadb, crate::support::MariaDbTables, $($test)*);
        crate::support::tests_of!(sqlite, crate::support::SqliteTables, $($test)*);
    };
}

/// The tests named, on one backend; each is told what it is called, for its workers.
macro_rules! tests_of {
    ($module:ident, $service:ty, $($(#[$attribute:meta])* $test:ident)*) => {
        mod $module {
            $(
                #[test]
                $(#[$attribute])*
                fn $test() {
                    let name = concat!(module_path!(), "::", stringify!($test));
                    let (_, name) = name.split_once("::").unwrap();
                    super::$test::<$service>(name);
                }
            )*
        }
    };
}

pub(crate) use {on_each_server, on_each_service, on_each_storage, on_each_that_evicts, tests_of};
