//! Taints on a real server.

use std::sync::Arc;
use std::time::Duration;

use dogpile::backend::{BackendExt, Stamp, TagVersion, Taints, Writer};
use dogpile::{Backend, hours, millis, secs};
use dogpile_memcached::MemcachedBackend;
use dogpile_tests::services::Memcached;
use tokio::task::JoinSet;

struct Bench {
    server: Memcached,
    backend: MemcachedBackend,
    taints: Arc<dyn Taints>,
}

async fn bench() -> Bench {
    let server = Memcached::start().await.unwrap();
    let backend = MemcachedBackend::builder([server.address().to_string()]).build().unwrap();
    let taints = backend.taints().unwrap();
    Bench { server, backend, taints }
}

fn stamp(register: &str) -> Stamp<'_> {
    Stamp { register, version: TagVersion::random() }
}

impl Bench {
    async fn is_tainted(&self, register: &str) -> bool {
        let answer = self.backend.read(&[], &[register]).await.unwrap();
        assert!(answer.tainted.is_empty() || answer.versions == [None], "{answer:?}");
        answer.tainted == [0]
    }

    async fn version(&self, register: &str) -> Option<TagVersion> {
        self.backend.version(register).await.unwrap()
    }

    /// What is in the register, and the seconds that it lives.
    fn raw(&self, register: &str) -> (Vec<u8>, i64) {
        let key = format!("dogpile:r:{register}");
        let left = self.server.command(&format!("mg {key} t"), None).unwrap();
        let left = left.strip_prefix("HD t").unwrap_or_else(|| panic!("{left}")).parse().unwrap();
        (self.server.get(&key).unwrap().unwrap(), left)
    }
}

#[tokio::test]
async fn a_tainted_register_has_no_version_until_its_last_writer_is_gone() {
    let bench = bench().await;
    let (a, b) = (Writer::random(), Writer::random());
    bench.backend.bump(&[stamp("r")], hours(1)).await.unwrap();
    bench.taints.place(&[stamp("r")], a, secs(60)).await.unwrap();
    assert!(bench.is_tainted("r").await);
    bench.taints.place(&[stamp("r"), stamp("absent")], b, secs(60)).await.unwrap();
    assert!(bench.is_tainted("absent").await);
    assert_eq!(bench.backend.create(&[stamp("r")], hours(1)).await.unwrap(), [None]);
    assert!(bench.taints.lift(&[stamp("r")], a, hours(1)).await.unwrap());
    assert!(bench.is_tainted("r").await, "a writer took another one's taint away");
    assert!(!bench.taints.lift(&[stamp("r")], a, hours(1)).await.unwrap(), "it was lifted before");
    assert!(bench.is_tainted("r").await);
    let last = stamp("r");
    assert!(bench.taints.lift(&[last, stamp("absent")], b, hours(1)).await.unwrap());
    assert_eq!(bench.version("r").await, Some(last.version));
    assert!(bench.raw("r").1 > 3_600, "it has the life of the taint that is gone");
    assert!(!bench.taints.renew(&["r"], b, secs(60)).await.unwrap());
    assert_eq!(bench.version("r").await, Some(last.version), "a renewal tainted it again");
}

#[tokio::test]
async fn a_bump_keeps_the_writers_and_the_life_of_a_tainted_register() {
    let bench = bench().await;
    let writer = Writer::random();
    bench.taints.place(&[stamp("r")], writer, secs(60)).await.unwrap();
    let before = bench.raw("r");
    let bumped = stamp("r");
    bench.backend.bump(&[bumped], hours(1)).await.unwrap();
    bench.backend.create(&[stamp("r")], hours(1)).await.unwrap();
    bench.backend.store(&[], &["r"], hours(1)).await.unwrap();
    let (value, left) = bench.raw("r");
    assert!((50..=before.1).contains(&left), "a taint of 61 seconds lives for {left}");
    assert_eq!(value[..16], bumped.version.0.to_le_bytes());
    assert_eq!(value[16..], before.0[16..], "the writers are others");
    assert!(bench.taints.renew(&["r"], writer, secs(60)).await.unwrap());
}

#[tokio::test]
async fn a_taint_is_renewed_for_no_less_than_anybody_was_promised() {
    let bench = bench().await;
    let (a, b) = (Writer::random(), Writer::random());
    bench.backend.bump(&[stamp("r")], hours(9)).await.unwrap();
    bench.taints.place(&[stamp("r")], a, secs(100)).await.unwrap();
    assert!((100..=101).contains(&bench.raw("r").1), "the taint has the life of the register");
    bench.taints.place(&[stamp("r")], b, secs(10)).await.unwrap();
    assert!(bench.raw("r").1 > 90, "a writer cut the taint of another one short");
    assert!(bench.taints.renew(&["r"], b, secs(10)).await.unwrap());
    assert!(bench.raw("r").1 > 90);
    assert!(bench.taints.renew(&["r"], a, secs(200)).await.unwrap());
    assert!((200..=201).contains(&bench.raw("r").1));
    // One register without the writer is enough to say no; the others are renewed all the same.
    assert!(!bench.taints.renew(&["none", "r"], a, secs(300)).await.unwrap());
    assert!(bench.raw("r").1 > 290);
    assert!(!bench.taints.renew(&["r"], Writer::random(), secs(900)).await.unwrap());
    assert!(bench.raw("r").1 < 310, "a stranger renewed a taint");
}

#[tokio::test]
async fn a_taint_ends_by_itself_and_the_register_with_it() {
    let bench = bench().await;
    let writer = Writer::random();
    bench.backend.bump(&[stamp("r")], hours(1)).await.unwrap();
    bench.taints.place(&[stamp("r")], writer, millis(500)).await.unwrap();
    let ended = async {
        while bench.is_tainted("r").await {
            tokio::time::sleep(millis(20)).await;
        }
    };
    tokio::time::timeout(secs(10), ended).await.expect("a taint does not end");
    assert_eq!(bench.version("r").await, None, "the version outlived the taint");
    assert!(!bench.taints.renew(&["r"], writer, secs(60)).await.unwrap());
    let late = stamp("r");
    assert!(!bench.taints.lift(&[late], writer, hours(1)).await.unwrap());
    assert_eq!(bench.version("r").await, Some(late.version), "a late lift did not bump");
}

#[tokio::test]
async fn a_writer_that_died_is_not_kept_by_those_who_come_after_it() {
    let bench = bench().await;
    let (dead, live) = (Writer::random(), Writer::random());
    bench.taints.place(&[stamp("r")], dead, millis(500)).await.unwrap();
    bench.taints.place(&[stamp("r")], live, secs(600)).await.unwrap();
    let ended = async {
        while bench.taints.renew(&["r"], dead, Duration::ZERO).await.unwrap() {
            // Others come and go meanwhile, and rewrite what they find.
            bench.taints.place(&[stamp("r")], live, secs(600)).await.unwrap();
            bench.backend.bump(&[stamp("r")], hours(1)).await.unwrap();
            tokio::time::sleep(millis(20)).await;
        }
    };
    tokio::time::timeout(secs(10), ended).await.expect("a dead writer is kept");
    assert!(bench.is_tainted("r").await, "the live writer went with the dead one");
    assert!(bench.taints.lift(&[stamp("r")], live, hours(1)).await.unwrap());
    assert!(!bench.is_tainted("r").await, "the dead writer is still there");
}

#[tokio::test]
async fn a_register_that_is_named_twice_is_tainted_and_lifted_once() {
    let bench = bench().await;
    let writer = Writer::random();
    let twice = || [stamp("r"), stamp("other"), stamp("r")];
    bench.taints.place(&twice(), writer, secs(60)).await.unwrap();
    assert!(bench.taints.renew(&["r", "r"], writer, secs(70)).await.unwrap());
    assert!(bench.taints.lift(&twice(), writer, hours(1)).await.unwrap());
    assert!(!bench.is_tainted("r").await && !bench.is_tainted("other").await);
}

#[tokio::test]
async fn writers_of_one_register_are_bounded_and_the_last_one_is_told() {
    let bench = bench().await;
    for _ in 0..255 {
        bench.taints.place(&[stamp("r")], Writer::random(), secs(60)).await.unwrap();
    }
    let error = bench.taints.place(&[stamp("r")], Writer::random(), secs(60)).await.unwrap_err();
    assert!(error.to_string().contains("too many writers"), "{error}");
    assert!(bench.is_tainted("r").await, "the most writers make no register any more");
    bench.backend.bump(&[stamp("r")], hours(1)).await.unwrap();
    assert!(bench.is_tainted("r").await);
}

#[tokio::test]
async fn what_is_no_register_is_overwritten_by_whoever_writes() {
    let bench = bench().await;
    let writer = Writer::random();
    for garbage in
        ["", "x", "fifteen bytes..", "seventeen bytes..", &"g".repeat(6_000), &"g".repeat(36)]
    {
        let plant = || bench.server.set("dogpile:r:r", garbage.as_bytes()).unwrap();
        plant();
        assert_eq!(bench.version("r").await, None);
        assert!(!bench.is_tainted("r").await);
        assert!(!bench.taints.renew(&["r"], writer, secs(60)).await.unwrap());
        let created = stamp("r");
        let holds = bench.backend.create(&[created], hours(1)).await.unwrap();
        assert_eq!(holds, [Some(created.version)]);
        plant();
        let bumped = stamp("r");
        bench.backend.bump(&[bumped], hours(1)).await.unwrap();
        assert_eq!(bench.version("r").await, Some(bumped.version));
        plant();
        bench.taints.place(&[stamp("r")], writer, secs(60)).await.unwrap();
        assert!(bench.is_tainted("r").await);
        plant();
        assert!(!bench.taints.lift(&[bumped], writer, hours(1)).await.unwrap());
        assert_eq!(bench.version("r").await, Some(bumped.version));
        plant();
        bench.backend.store(&[], &["r"], hours(1)).await.unwrap();
        assert_eq!(bench.version("r").await, None, "extending garbage made it a register");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_who_meet_on_one_register_lose_no_taint_and_leave_none() {
    let bench = bench().await;
    let mut writers = JoinSet::new();
    for n in 0..64 {
        // Over eight connections: eight processes, as it were.
        let backend =
            MemcachedBackend::builder([bench.server.address().to_string()]).build().unwrap();
        let backend = if n % 8 == 0 { backend } else { bench.backend.clone() };
        writers.spawn(async move {
            let (taints, writer) = (backend.taints().unwrap(), Writer::random());
            for _ in 0..10 {
                taints.place(&[stamp("r")], writer, secs(60)).await.unwrap();
                let seen = backend.read(&[], &["r"]).await.unwrap();
                assert_eq!(seen.tainted, [0], "a taint was lost before its writer was done");
                backend.bump(&[stamp("r")], hours(1)).await.unwrap();
                backend.store(&[], &["r"], hours(1)).await.unwrap();
                assert!(taints.renew(&["r"], writer, secs(61)).await.unwrap(), "a taint was lost");
                assert!(taints.lift(&[stamp("r")], writer, hours(1)).await.unwrap());
            }
        });
    }
    while let Some(writer) = writers.join_next().await {
        writer.unwrap();
    }
    assert!(!bench.is_tainted("r").await, "a taint was left");
    assert!(bench.version("r").await.is_some());
}
