//! What goes wrong with servers.

use std::time::Duration;

use dogpile::backend::{BackendExt, Fence, Put, Stamp, Stored, TagVersion};
use dogpile::{Backend, ErrorKind, Owner, Region, Tags, hours, millis, minutes, secs};
use dogpile_memcached::MemcachedBackend;
use dogpile_tests::services::Memcached;

fn backend(servers: &[Memcached]) -> MemcachedBackend {
    let servers = servers.iter().map(|server| server.address().to_string());
    MemcachedBackend::builder(servers).response_timeout(millis(200)).build().unwrap()
}

fn stamp(register: &str) -> Stamp<'_> {
    Stamp { register, version: TagVersion::random() }
}

/// Waits until a read works.
async fn until_it_works(backend: &MemcachedBackend) {
    let works = async {
        while backend.read(&["k"], &["r"]).await.is_err() {
            tokio::time::sleep(millis(10)).await;
        }
    };
    tokio::time::timeout(secs(20), works).await.expect("the server is not found again");
}

#[tokio::test]
async fn a_region_is_built_and_serves_while_its_server_is_down() {
    let server = Memcached::start().await.unwrap();
    server.kill().unwrap();
    let backend = backend(std::slice::from_ref(&server));
    let region = Region::builder("shop").ttl(minutes(5)).backend(backend.clone()).build().unwrap();
    let tags: Tags = ["orders"].into_iter().collect();
    let get = async || {
        let entry = region.entry("open").tags(&tags);
        let value = entry.get_or_create(async || Ok::<_, dogpile::Error>(String::from("made")));
        value.await.unwrap().to_string()
    };
    for _ in 0..20 {
        assert_eq!(get().await, "made");
    }
    server.restart().unwrap();
    until_it_works(&backend).await;
    let found = async {
        while region.stats().hits == 0 {
            assert_eq!(get().await, "made");
            tokio::time::sleep(millis(20)).await;
        }
    };
    tokio::time::timeout(secs(20), found).await.expect("nothing is served from the server");
}

#[tokio::test]
async fn a_dead_server_is_an_error_at_once() {
    let server = Memcached::start().await.unwrap();
    let backend = backend(std::slice::from_ref(&server));
    backend.put("k", "v", hours(1)).await.unwrap();
    server.kill().unwrap();
    for _ in 0..100 {
        let error = backend.read(&["k"], &[]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(error.is_temporary() && !error.to_string().contains("\"k\""));
    }
    server.restart().unwrap();
    until_it_works(&backend).await;
    assert_eq!(backend.get("k").await.unwrap(), None);
}

#[tokio::test]
async fn a_frozen_server_is_given_up_and_found_again() {
    let server = Memcached::start().await.unwrap();
    let backend = backend(std::slice::from_ref(&server));
    backend.put("k", "v", hours(1)).await.unwrap();
    server.pause().unwrap();
    // Callers are let go without a limit of their own.
    for _ in 0..50 {
        let answer = tokio::time::timeout(secs(10), backend.read(&["k"], &[])).await;
        answer.expect("a call waits for a frozen server").unwrap_err();
    }
    server.resume().unwrap();
    until_it_works(&backend).await;
    assert_eq!(backend.get("k").await.unwrap().as_deref(), Some(&b"v"[..]));
    assert_eq!(backend.incarnation(), 0, "a server that was only slow is taken for another one");
}

#[tokio::test]
async fn every_handle_learns_of_a_restart_and_of_nothing_else() {
    let servers = [Memcached::start().await.unwrap(), Memcached::start().await.unwrap()];
    let backend = backend(&servers);
    let names: Vec<_> = (0..20).map(|n| format!("r{n}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    backend.read(&[], &names).await.unwrap();
    assert_eq!(backend.incarnation(), 0, "who meets a server has missed nothing");
    servers[1].restart().unwrap();
    let learned = async {
        while backend.read(&[], &names).await.is_err() {
            tokio::time::sleep(millis(10)).await;
        }
    };
    tokio::time::timeout(secs(10), learned).await.unwrap();
    assert_eq!(backend.incarnation(), 1);
    backend.read(&[], &names).await.unwrap();
    assert_eq!(backend.incarnation(), 1);
}

#[tokio::test]
async fn of_several_servers_a_dead_one_takes_its_own_names_only() {
    let servers = [
        Memcached::start().await.unwrap(),
        Memcached::start().await.unwrap(),
        Memcached::start().await.unwrap(),
    ];
    let backend = backend(&servers);
    let names: Vec<_> = (0..60).map(|n| format!("k{n}")).collect();
    for name in &names {
        backend.put(name, name.clone(), hours(1)).await.unwrap();
    }
    servers[1].kill().unwrap();
    let mut lost = 0;
    for name in &names {
        match backend.get(name).await {
            Ok(found) => assert_eq!(found.as_deref(), Some(name.as_bytes())),
            Err(_) => lost += 1,
        }
    }
    assert!((1..40).contains(&lost), "{lost} of 60 names are lost with one of 3 servers");
    // A bump that one server does not acknowledge is an error, and done on the others.
    let stamps: Vec<_> = names.iter().map(|name| stamp(name)).collect();
    backend.bump(&stamps, hours(1)).await.unwrap_err();
    let mut bumped = 0;
    for stamp in &stamps {
        match backend.version(stamp.register).await {
            Ok(version) => {
                assert_eq!(version, Some(stamp.version));
                bumped += 1;
            }
            Err(_) => lost -= 1,
        }
    }
    assert!(bumped > 0 && lost == 0, "registers and entries of one name are on one server");
}

#[tokio::test]
async fn what_somebody_else_wrote_is_read_as_bytes_and_never_as_a_lease_or_a_version() {
    let server = Memcached::start().await.unwrap();
    let backend = backend(std::slice::from_ref(&server));
    let locks = backend.locks().unwrap();
    let owner = Owner::random();
    for garbage in ["", "x", "VA 5 O0\r\nEN\r\n"] {
        server.set("dogpile:e:k", garbage.as_bytes()).unwrap();
        assert_eq!(backend.get("k").await.unwrap().as_deref(), Some(garbage.as_bytes()));
        server.set("dogpile:l:k", garbage.as_bytes()).unwrap();
        assert!(!locks.try_acquire("k", owner, secs(60)).await.unwrap());
        assert!(!locks.renew("k", owner, secs(60)).await.unwrap());
        locks.release("k", owner).await.unwrap();
        assert!(
            !locks.try_acquire("k", owner, secs(60)).await.unwrap(),
            "a stranger's was released"
        );
    }
    // Larger than anything of ours: as if it were not there, and the connection goes on.
    server.set("dogpile:e:k", &vec![b'x'; 1_040_000]).unwrap();
    let connections = || server.stat("total_connections").unwrap().parse::<u64>().unwrap();
    let before = connections();
    assert_eq!(backend.get("k").await.unwrap(), None);
    backend.put("k", "v", hours(1)).await.unwrap();
    assert_eq!(backend.get("k").await.unwrap().as_deref(), Some(&b"v"[..]));
    assert_eq!(connections(), before + 1, "a connection was given up");
}

#[tokio::test]
async fn an_entry_that_the_server_finds_too_large_is_told_and_nothing_else_is_lost() {
    let server = Memcached::start_with(&["-I", "512k"]).await.unwrap();
    let backend = backend(std::slice::from_ref(&server));
    let put = |key, length: usize| Put {
        key,
        bytes: vec![7; length].into(),
        life: hours(1),
        fence: None,
    };
    let puts = [put("small", 10), put("large", 600_000), put("last", 10)];
    let stored = backend.store(&puts, &[], hours(1)).await.unwrap();
    assert_eq!(stored, [Stored::Yes, Stored::TooLarge, Stored::Yes]);
    let found = backend.read(&["small", "large", "last"], &[]).await.unwrap().entries;
    assert_eq!(found.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false, true]);
}

#[tokio::test]
async fn a_server_without_compare_and_swap_is_refused_where_it_matters() {
    let server = Memcached::start_with(&["-C"]).await.unwrap();
    let backend = backend(std::slice::from_ref(&server));
    let first = stamp("r");
    // What is not there is added: that needs no comparison.
    backend.bump(&[first], hours(1)).await.unwrap();
    let error = backend.bump(&[stamp("r")], hours(1)).await.unwrap_err();
    assert!(error.to_string().contains("without -C"), "{error}");
    assert_eq!(backend.version("r").await.unwrap(), Some(first.version));
}

#[tokio::test]
async fn a_server_without_room_is_an_error_and_not_a_missing_answer() {
    let server = Memcached::start_with(&["-m", "2", "-I", "512k", "-M"]).await.unwrap();
    let backend = backend(std::slice::from_ref(&server));
    let fill = async {
        for n in 0..100_000 {
            let name = format!("r{n}");
            backend.bump(&[stamp(&name)], hours(1)).await?;
        }
        Ok::<_, dogpile::Error>(())
    };
    let error = fill.await.unwrap_err();
    assert!(error.to_string().contains("no memory"), "{error}");
    assert!(backend.version("r0").await.unwrap().is_some(), "the connection was lost");
}

#[tokio::test]
async fn a_late_store_is_refused_also_where_lease_and_entry_are_on_two_servers() {
    let servers = [
        Memcached::start().await.unwrap(),
        Memcached::start().await.unwrap(),
        Memcached::start().await.unwrap(),
    ];
    let backend = backend(&servers);
    let locks = backend.locks().unwrap();
    for n in 0..20 {
        let (key, lease) = (format!("k{n}"), format!("l{n}"));
        let (owner, next) = (Owner::random(), Owner::random());
        let store = async |owner, bytes: &'static str| {
            let fence = Some(Fence { lease: &lease, owner });
            let put = Put { key: &key, bytes: bytes.into(), life: hours(1), fence };
            backend.store(&[put], &[], hours(1)).await.unwrap()[0]
        };
        assert_eq!(store(owner, "nobody's").await, Stored::Fenced);
        assert!(locks.try_acquire(&lease, owner, secs(60)).await.unwrap());
        assert_eq!(store(owner, "first").await, Stored::Yes);
        locks.release(&lease, owner).await.unwrap();
        assert!(locks.try_acquire(&lease, next, secs(60)).await.unwrap());
        assert_eq!(store(owner, "late").await, Stored::Fenced);
        assert_eq!(store(next, "next").await, Stored::Yes);
        assert_eq!(backend.get(&key).await.unwrap().as_deref(), Some(&b"next"[..]));
    }
}

#[tokio::test]
async fn a_lease_lives_for_its_length_and_at_most_a_second_more() {
    let server = Memcached::start().await.unwrap();
    let backend = backend(std::slice::from_ref(&server));
    let locks = backend.locks().unwrap();
    for (lease, seconds) in [(millis(1), 2), (secs(1), 2), (secs(3), 4), (Duration::MAX, 2_592_000)]
    {
        let (name, owner) = (format!("l{seconds}:{}", lease.as_millis()), Owner::random());
        assert!(locks.try_acquire(&name, owner, lease).await.unwrap());
        let answer = server.command(&format!("mg dogpile:l:{name} t"), None).unwrap();
        let left: i64 = answer.strip_prefix("HD t").unwrap().parse().unwrap();
        assert!((seconds - 1..=seconds).contains(&left), "{lease:?} lives for {left} s");
    }
}
