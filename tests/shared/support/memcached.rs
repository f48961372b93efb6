//! memcached: one server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use dogpile::Backend;
use dogpile_memcached::MemcachedBackend;
use dogpile_tests::services::Memcached;

use super::{Evicts, Server, Service, Storage};

/// More than any backend here takes for an entry.
const TOO_LARGE: usize = 1_040_000;

impl Service for Memcached {
    async fn start() -> Self {
        Self::start().await.unwrap()
    }

    fn url(&self) -> String {
        Self::url_through(self.address())
    }

    fn open(url: &str) -> Arc<dyn Backend> {
        Arc::new(MemcachedBackend::open(url).unwrap())
    }

    fn flush(&self) {
        self.flush_all().unwrap();
    }
}

impl Storage for Memcached {
    fn entries(&self) -> Vec<String> {
        names(self, "dogpile:e:")
    }

    fn registers(&self) -> Vec<String> {
        names(self, "dogpile:r:")
    }

    fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        self.get(name).unwrap()
    }

    fn overwrite(&self, name: &str, bytes: &[u8]) {
        self.set(name, bytes).unwrap();
    }

    /// Every value is bytes here, and there are no other types. What a client of another kind
    /// leaves is one that is larger than any entry, a counter, one with flags of its own, and one
    /// that is marked as stale.
    async fn deface(&self, name: &str, mut then: impl AsyncFnMut()) {
        self.overwrite(name, &vec![b'x'; TOO_LARGE]);
        then().await;
        self.remove(name);
        self.command(&format!("ma {name} N0 J7"), None).unwrap();
        then().await;
        self.command(&format!("ms {name} 3 T0 F4294967295"), Some(b"cat")).unwrap();
        then().await;
        self.command(&format!("md {name} I T60"), None).unwrap();
        then().await;
    }

    fn remove(&self, name: &str) {
        self.delete(name).unwrap();
    }

    fn stall(&self, time: Duration) {
        Server::pause(self);
        std::thread::sleep(time);
        Server::resume(self);
    }
}

impl Server for Memcached {
    fn address(&self) -> SocketAddr {
        self.address()
    }

    fn url_through(proxy: SocketAddr) -> String {
        // The patience of a busy machine, for what is no test of patience.
        format!("memcached://{proxy}/?response_timeout=20s&connect_timeout=20s")
    }

    /// The text protocol has none: the backend refuses a URL that has a user or a password, and
    /// has tests of its own that it does not repeat it.
    fn url_with_password(&self, _: SocketAddr, _: &str) -> Option<String> {
        None
    }

    fn kill(&self) {
        self.kill().unwrap();
    }

    fn pause(&self) {
        self.pause().unwrap();
    }

    fn resume(&self) {
        self.resume().unwrap();
    }

    fn restart(&self) {
        self.restart().unwrap();
    }
}

impl Evicts for Memcached {
    async fn start_tiny() -> Self {
        Self::start_with(&["-m", "2", "-I", "512k"]).await.unwrap()
    }

    fn evicted(&self) -> u64 {
        self.stat("evictions").unwrap().parse().unwrap()
    }
}

/// The keys as the server has them. A name that is too long or has other characters than visible
/// ASCII is a digest there.
fn names(server: &Memcached, prefix: &str) -> Vec<String> {
    let mut keys = server.keys().unwrap();
    keys.retain(|key| key.starts_with(prefix));
    keys
}
