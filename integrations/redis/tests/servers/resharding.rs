//! Slots that move while they are used.

use dogpile::backend::{BackendExt, Stamp, Stored, TagVersion};
use dogpile::{Backend, Owner, hours};
use dogpile_redis::RedisBackend;

use crate::support::{Cluster, Server};

/// Everything that touches the slot of the entry `name`.
async fn all_works(backend: &RedisBackend, name: &str, said: &str) {
    assert_eq!(backend.put(name, said.to_owned(), hours(1)).await.unwrap(), Stored::Yes, "{said}");
    assert_eq!(backend.get(name).await.unwrap().as_deref(), Some(said.as_bytes()));
    let locks = backend.locks().unwrap();
    let owner = Owner::random();
    assert!(locks.try_acquire(name, owner, hours(1)).await.unwrap(), "{said}");
    assert!(locks.renew(name, owner, hours(1)).await.unwrap(), "{said}");
    locks.release(name, owner).await.unwrap();
    let stamp = Stamp { register: "r", version: TagVersion::random() };
    backend.bump(&[stamp], hours(1)).await.unwrap();
    let both = backend.read(&[name], &["r"]).await.unwrap();
    assert_eq!(both.versions, [Some(stamp.version)], "{said}");
}

fn id(server: &Server) -> String {
    server.cli(&["CLUSTER", "MYID"])
}

#[tokio::test]
async fn a_slot_on_its_way_is_followed_and_nothing_is_taken_for_lost() {
    let cluster = Cluster::start();
    let backend = RedisBackend::connect(&cluster.url()).await.unwrap();
    let [from, to, bystander] = &cluster.primaries[..] else { panic!("three primaries") };
    let name = cluster.entry_on_the_first();
    let key = format!("dogpile:e:{{.{name}}}");
    let slot = from.cli(&["CLUSTER", "KEYSLOT", &key]);
    let set_slot = |server: &Server, how: &[&str]| {
        let command = [&["CLUSTER", "SETSLOT", &slot], how].concat();
        assert_eq!(server.cli(&command), "OK");
    };
    all_works(&backend, &name, "where it was").await;
    set_slot(to, &["IMPORTING", &id(from)]);
    set_slot(from, &["MIGRATING", &id(to)]);
    from.cli(&["DEL", &key]);
    all_works(&backend, &name, "on its way").await;
    for server in [to, from, bystander] {
        set_slot(server, &["NODE", &id(to)]);
    }
    all_works(&backend, &name, "arrived").await;
    all_works(&backend, &name, "arrived, and known").await;
    assert_eq!(backend.incarnation(), 0, "a slot that moves loses nothing");
}

#[tokio::test]
async fn a_cluster_asked_as_a_single_server_says_what_to_write() {
    let cluster = Cluster::start();
    let backend = RedisBackend::connect(&cluster.primaries[0].url()).await.unwrap();
    let mut errors = Vec::new();
    for n in 0..10 {
        errors.extend(backend.put(&n.to_string(), "v", hours(1)).await.err());
    }
    assert!(errors.iter().all(|error| error.to_string().contains("redis-cluster://")));
    assert!(!errors.is_empty());
}

#[tokio::test]
async fn one_dead_server_of_a_cluster_does_not_stop_the_others() {
    let cluster = Cluster::start();
    for server in &cluster.primaries {
        server.cli(&["CONFIG", "SET", "cluster-require-full-coverage", "no"]);
    }
    let backend = RedisBackend::connect(&cluster.url()).await.unwrap();
    cluster.primaries[0].kill();
    let (mut served, mut failed) = (0, 0);
    for n in 0..60 {
        match backend.get(&n.to_string()).await {
            Ok(_) => served += 1,
            Err(_) => failed += 1,
        }
    }
    assert!(served > 20 && failed > 5, "{served} served, {failed} failed");
}
