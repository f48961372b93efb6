//! Redis: one server, a cluster, a primary that sentinels name.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use dogpile::Backend;
use dogpile_redis::RedisBackend;
use dogpile_tests::services::{Redis, RedisCluster, RedisSentinel};

use super::{Evicts, Server, Service, Storage};

/// The patience of a busy machine, for what is no test of patience.
const PATIENT: &str = "response_timeout=20s&connect_timeout=20s";

fn open(url: &str) -> Arc<dyn Backend> {
    Arc::new(RedisBackend::open(url).unwrap())
}

impl Service for Redis {
    async fn start() -> Self {
        Self::start().await.unwrap()
    }

    fn url(&self) -> String {
        Self::url_through(self.address())
    }

    fn open(url: &str) -> Arc<dyn Backend> {
        open(url)
    }

    fn flush(&self) {
        self.command(&["FLUSHALL"]).unwrap();
    }
}

impl Storage for Redis {
    fn entries(&self) -> Vec<String> {
        names(self, "dogpile:e:*")
    }

    fn registers(&self) -> Vec<String> {
        names(self, "dogpile:r:*")
    }

    fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        match self.command(&["GET", name]).unwrap() {
            dogpile_tests::services::Reply::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    fn overwrite(&self, name: &str, bytes: &[u8]) {
        self.command_bytes(&[b"SET", name.as_bytes(), bytes]).unwrap();
    }

    async fn deface(&self, name: &str, mut then: impl AsyncFnMut()) {
        for command in [["RPUSH", name, "a", "b"], ["HSET", name, "a", "b"]] {
            self.remove(name);
            self.command(&command).unwrap();
            then().await;
        }
    }

    fn remove(&self, name: &str) {
        self.command(&["DEL", name]).unwrap();
    }

    fn stall(&self, time: Duration) {
        Server::pause(self);
        std::thread::sleep(time);
        Server::resume(self);
    }
}

impl Server for Redis {
    fn address(&self) -> SocketAddr {
        self.address()
    }

    fn url_through(proxy: SocketAddr) -> String {
        format!("redis://{proxy}/?{PATIENT}")
    }

    fn url_with_password(&self, proxy: SocketAddr, password: &str) -> Option<String> {
        let password_of_app = format!(">{password}");
        self.command(&["ACL", "SETUSER", "app", "on", &password_of_app, "~*", "&*", "+@all"])
            .unwrap();
        Some(format!("redis://app:{password}@{proxy}/?{PATIENT}"))
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

impl Evicts for Redis {
    async fn start_tiny() -> Self {
        let options = ["--maxmemory", "3mb", "--maxmemory-policy", "allkeys-lru"];
        Self::start_with(&options).await.unwrap()
    }

    fn evicted(&self) -> u64 {
        self.info("evicted_keys").unwrap().parse().unwrap()
    }
}

fn names(server: &Redis, pattern: &str) -> Vec<String> {
    let keys = server.command(&["KEYS", pattern]).unwrap();
    keys.items().iter().filter_map(dogpile_tests::services::Reply::text).collect()
}

impl Service for RedisCluster {
    async fn start() -> Self {
        Self::start().await.unwrap()
    }

    fn url(&self) -> String {
        format!("redis-cluster://{}?{PATIENT}", addresses(self.nodes()))
    }

    fn open(url: &str) -> Arc<dyn Backend> {
        open(url)
    }

    fn flush(&self) {
        self.nodes().iter().for_each(Service::flush);
    }
}

impl Service for RedisSentinel {
    async fn start() -> Self {
        Self::start().await.unwrap()
    }

    fn url(&self) -> String {
        let sentinels = addresses(self.sentinels());
        format!("redis-sentinel://{sentinels}/{}?{PATIENT}", self.master_name())
    }

    fn open(url: &str) -> Arc<dyn Backend> {
        open(url)
    }

    fn flush(&self) {
        Service::flush(self.master().unwrap());
    }
}

fn addresses(servers: &[Redis]) -> String {
    let addresses: Vec<_> = servers.iter().map(|server| server.address().to_string()).collect();
    addresses.join(",")
}
