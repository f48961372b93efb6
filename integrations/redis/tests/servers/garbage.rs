//! What somebody else wrote under our keys.

use crate::support::{Cluster, Server};
use dogpile::backend::{BackendExt, Put, Stamp, Stored, TagVersion, Writer};
use dogpile::{Backend, Owner, hours};
use dogpile_redis::RedisBackend;

/// Commands that leave something under a key that is no register.
const GARBAGE: [&[&str]; 6] = [
    &["SET", "KEY", ""],
    &["SET", "KEY", "fifteen bytes.."],
    &["SET", "KEY", "seventeen bytes.."],
    &["SET", "KEY", "more than two of sixteen, and not three"],
    &["RPUSH", "KEY", "a"],
    &["HSET", "KEY", "a", "b"],
];

fn leave(server: &Server, garbage: &[&str], key: &str) {
    server.cli(&["DEL", key]);
    let command: Vec<_> =
        garbage.iter().map(|word| if *word == "KEY" { key } else { *word }).collect();
    server.cli(&command);
    assert_eq!(server.cli(&["EXISTS", key]), "1");
}

#[tokio::test]
async fn a_register_of_garbage_is_absent_and_overwritten() {
    let server = Server::start();
    let backend = RedisBackend::connect(&server.url()).await.unwrap();
    let taints = backend.taints().unwrap();
    let key = "dogpile:r:r";
    let stamp = |n| Stamp { register: "r", version: TagVersion(n) };
    for garbage in GARBAGE {
        leave(&server, garbage, key);
        let answer = backend.read(&[], &["r"]).await.unwrap();
        assert_eq!((answer.versions, answer.tainted), (vec![None], vec![]), "{garbage:?}");
        backend.store(&[], &["r"], hours(1)).await.unwrap();
        assert_eq!(backend.version("r").await.unwrap(), None, "{garbage:?}");
        let held = backend.create(&[stamp(1)], hours(1)).await.unwrap();
        assert_eq!(held, [Some(TagVersion(1))], "{garbage:?}");

        leave(&server, garbage, key);
        backend.bump(&[stamp(2)], hours(1)).await.unwrap();
        assert_eq!(backend.version("r").await.unwrap(), Some(TagVersion(2)), "{garbage:?}");
        assert_ne!(server.cli(&["PTTL", key]), "-1", "it would never end");

        leave(&server, garbage, key);
        let writer = Writer::random();
        assert!(!taints.renew(&["r"], writer, hours(1)).await.unwrap(), "{garbage:?}");
        taints.place(&[stamp(3)], writer, hours(1)).await.unwrap();
        assert_eq!(backend.read(&[], &["r"]).await.unwrap().tainted, [0], "{garbage:?}");
        leave(&server, garbage, key);
        assert!(!taints.lift(&[stamp(4)], writer, hours(1)).await.unwrap(), "{garbage:?}");
        assert_eq!(backend.version("r").await.unwrap(), Some(TagVersion(4)), "{garbage:?}");
    }
}

#[tokio::test]
async fn garbage_on_a_cluster_is_absent_as_well() {
    let cluster = Cluster::start();
    let backend = RedisBackend::connect(&cluster.url()).await.unwrap();
    let name = cluster.entry_on_the_first();
    for garbage in [GARBAGE[4], GARBAGE[5]] {
        leave(&cluster.primaries[0], garbage, &format!("dogpile:e:{{.{name}}}"));
        assert_eq!(backend.get(&name).await.unwrap(), None);
    }
}

#[tokio::test]
async fn an_entry_and_a_lease_of_garbage_are_nothing_and_no_error() {
    let server = Server::start();
    let backend = RedisBackend::connect(&server.url()).await.unwrap();
    let locks = backend.locks().unwrap();
    let owner = Owner::random();
    for garbage in [GARBAGE[4], GARBAGE[5]] {
        leave(&server, garbage, "dogpile:e:{.k}");
        assert_eq!(backend.get("k").await.unwrap(), None);
        assert_eq!(backend.put("k", "v", hours(1)).await.unwrap(), Stored::Yes);
        leave(&server, garbage, "dogpile:l:{.k}");
        assert!(!locks.try_acquire("k", owner, hours(1)).await.unwrap());
        assert!(!locks.renew("k", owner, hours(1)).await.unwrap());
        locks.release("k", owner).await.unwrap();
        let fence = Some(dogpile::backend::Fence { lease: "k", owner });
        let put = Put { key: "k", bytes: "late".into(), life: hours(1), fence };
        assert_eq!(backend.store(&[put], &[], hours(1)).await.unwrap(), [Stored::Fenced]);
        backend.remove(&["k"]).await.unwrap();
    }
}

#[tokio::test]
async fn scripts_that_somebody_flushed_are_told_again() {
    let server = Server::start();
    let backend = RedisBackend::connect(&server.url()).await.unwrap();
    let stamp = |register, n| Stamp { register, version: TagVersion(n) };
    for n in 1..4 {
        server.cli(&["SCRIPT", "FLUSH"]);
        let put = Put { key: "k", bytes: "v".into(), life: hours(1), fence: None };
        let stored = backend.store(&[put], &["a", "b"], hours(1)).await.unwrap();
        assert_eq!(stored, [Stored::Yes]);
        server.cli(&["SCRIPT", "FLUSH"]);
        backend.bump(&[stamp("a", n), stamp("b", 10 * n)], hours(1)).await.unwrap();
        let versions = backend.read(&[], &["a", "b"]).await.unwrap().versions;
        assert_eq!(versions, [Some(TagVersion(n)), Some(TagVersion(10 * n))]);
    }
}
