//! When acknowledged bumps may be lost, it is known before the first answer is believed.

use dogpile::backend::{BackendExt, Stamp, TagVersion};
use dogpile::{Backend, hours, millis};
use dogpile_redis::RedisBackend;

use crate::support::{Cluster, Server, Watched, wait_until};

/// Calls until one is answered; says whether the incarnation changed before that.
async fn changes(backend: &RedisBackend) -> bool {
    let before = backend.incarnation();
    for _ in 0..1_000 {
        if backend.get("k").await.is_ok() {
            return backend.incarnation() != before;
        }
        tokio::time::sleep(millis(10)).await;
    }
    panic!("it is never answered");
}

#[tokio::test]
async fn a_restart_changes_it_and_a_broken_connection_does_not() {
    let server = Server::start();
    let backend = RedisBackend::connect(&server.url()).await.unwrap();
    assert!(!changes(&backend).await);
    server.cli(&["CLIENT", "KILL", "TYPE", "normal"]);
    assert!(!changes(&backend).await, "the server has lost nothing");
    server.restart();
    assert!(changes(&backend).await);
    assert!(!changes(&backend).await);
}

#[tokio::test]
async fn a_restart_from_a_snapshot_brings_old_versions_back_and_changes_it() {
    let server = Server::start();
    let backend = RedisBackend::connect(&server.url()).await.unwrap();
    let bump = async |n| {
        let stamp = Stamp { register: "r", version: TagVersion(n) };
        backend.bump(&[stamp], hours(1)).await.unwrap();
    };
    bump(1).await;
    server.cli(&["SAVE"]);
    bump(2).await;
    server.restart();
    assert!(changes(&backend).await);
    let version = backend.version("r").await.unwrap();
    assert!(version.is_some(), "the snapshot has brought none back");
    assert!(version != Some(TagVersion(1)) && version != Some(TagVersion(2)), "{version:?}");
}

/// Nobody but the writer could deliver again what was lost.
#[tokio::test]
async fn after_a_failover_every_version_is_another_one_for_everybody() {
    let watched = Watched::start();
    let (a, b) = (RedisBackend::connect(&watched.url()).await, RedisBackend::open(&watched.url()));
    let (a, b) = (a.unwrap(), b.unwrap());
    let stamp = Stamp { register: "r", version: TagVersion(1) };
    a.bump(&[stamp], hours(1)).await.unwrap();
    for backend in [&a, &b] {
        assert_eq!(backend.version("r").await.unwrap(), Some(TagVersion(1)));
    }
    let has_it = || watched.replica.cli(&["EXISTS", "dogpile:r:r"]) == "1";
    wait_until("the replica has it", has_it);
    watched.fail_over();
    changes(&a).await;
    changes(&b).await;
    let version = a.version("r").await.unwrap();
    assert!(version.is_some(), "the replica did not have it");
    assert_ne!(version, Some(TagVersion(1)));
    assert_eq!(b.version("r").await.unwrap(), version, "they do not agree");
}

/// The server begins a new history then, and loses nothing.
#[tokio::test]
async fn processes_agree_again_soon_after_the_first_replica_has_come() {
    let (server, replica) = (Server::start(), Server::start());
    let before = RedisBackend::connect(&server.url()).await.unwrap();
    before.bump(&[Stamp { register: "r", version: TagVersion(1) }], hours(1)).await.unwrap();
    replica.cli(&["REPLICAOF", "127.0.0.1", &server.port().to_string()]);
    wait_until("it has a replica", || {
        server.cli(&["INFO", "replication"]).contains("connected_slaves:1")
    });
    let after = RedisBackend::connect(&server.url()).await.unwrap();
    let shown = after.version("r").await.unwrap();
    assert!(shown.is_some_and(|version| version != TagVersion(1)), "it is the same history");
    for _ in 0..3_000 {
        if before.version("r").await.unwrap() == shown {
            return;
        }
        tokio::time::sleep(millis(10)).await;
    }
    panic!("they do not agree");
}

/// It keeps its connections, and answers again.
#[tokio::test]
async fn one_that_was_a_replica_and_kept_its_connections_is_found_out() {
    let (server, other) = (Server::start(), Server::start());
    let backend = RedisBackend::connect(&server.url()).await.unwrap();
    let before = backend.incarnation();
    server.cli(&["REPLICAOF", "127.0.0.1", &other.port().to_string()]);
    wait_until("it follows", || {
        server.cli(&["INFO", "replication"]).contains("master_link_status:up")
    });
    server.cli(&["REPLICAOF", "NO", "ONE"]);
    for _ in 0..3_000 {
        backend.get("k").await.unwrap();
        if backend.incarnation() != before {
            return;
        }
        tokio::time::sleep(millis(10)).await;
    }
    panic!("it is not noticed");
}

#[tokio::test]
async fn one_that_was_a_replica_meanwhile_changes_it() {
    let (server, other) = (Server::start(), Server::start());
    let backend = RedisBackend::connect(&server.url()).await.unwrap();
    server.cli(&["REPLICAOF", "127.0.0.1", &other.port().to_string()]);
    wait_until("it follows", || {
        server.cli(&["INFO", "replication"]).contains("master_link_status:up")
    });
    server.cli(&["REPLICAOF", "NO", "ONE"]);
    server.cli(&["CLIENT", "KILL", "TYPE", "normal"]);
    assert!(changes(&backend).await);
}

#[tokio::test]
async fn one_that_will_not_say_who_it_is_changes_it_at_every_connection() {
    let server = Server::start();
    server.cli(&["ACL", "SETUSER", "default", "-info"]);
    let backend = RedisBackend::connect(&server.url()).await.unwrap();
    for _ in 0..3 {
        assert!(!changes(&backend).await);
        server.cli(&["CLIENT", "KILL", "TYPE", "normal"]);
        assert!(changes(&backend).await);
    }
}

#[tokio::test]
async fn what_one_handle_notices_all_of_its_identity_know() {
    let server = Server::start();
    let one = RedisBackend::connect(&server.url()).await.unwrap();
    let idle = RedisBackend::connect(&server.url()).await.unwrap();
    let elsewhere = RedisBackend::connect(&format!("{}/1", server.url())).await.unwrap();
    let before = (idle.incarnation(), elsewhere.incarnation());
    server.restart();
    assert!(changes(&one).await);
    assert_ne!(idle.incarnation(), before.0);
    assert_eq!(elsewhere.incarnation(), before.1);
    assert!(!changes(&idle).await, "once is enough");
}

#[tokio::test]
async fn a_failover_behind_a_sentinel_changes_it() {
    let watched = Watched::start();
    let backend = RedisBackend::connect(&watched.url()).await.unwrap();
    assert!(!changes(&backend).await);
    watched.fail_over();
    assert!(changes(&backend).await);
    assert!(!changes(&backend).await);
}

#[tokio::test]
async fn a_failover_within_a_cluster_changes_it() {
    let cluster = Cluster::start_with_replicas();
    let backend = RedisBackend::connect(&cluster.url()).await.unwrap();
    let (primary, replica) = (&cluster.primaries[0], &cluster.replicas[0]);
    let name = cluster.entry_on_the_first();
    let read = async || backend.get(&name).await;
    read().await.unwrap();
    let before = backend.incarnation();
    assert_eq!(before, 0, "it has met all that there is");
    primary.kill();
    wait_until("the replica takes over", || replica.cli(&["ROLE"]).starts_with("master"));
    cluster_is_up(&cluster, 1);
    let mut answered = false;
    for _ in 0..1_000 {
        answered = read().await.is_ok();
        if answered {
            break;
        }
        tokio::time::sleep(millis(10)).await;
    }
    assert!(answered, "the next primary is not found");
    assert_ne!(backend.incarnation(), before, "answered by one that may have lost bumps");
}

fn cluster_is_up(cluster: &Cluster, from: usize) {
    wait_until("the cluster is up", || {
        cluster.primaries[from..]
            .iter()
            .all(|server| server.cli(&["CLUSTER", "INFO"]).contains("cluster_state:ok"))
    });
}
