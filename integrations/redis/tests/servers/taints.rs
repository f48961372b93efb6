//! Taints, against a real server: what the contract in `dogpile::backend::Taints` says.

use std::sync::Arc;
use std::time::Duration;

use crate::support::{Cluster, Server};
use dogpile::backend::{Answer, Stamp, TagVersion, Taints, Writer};
use dogpile::{Backend, ErrorKind, hours, millis, secs};
use dogpile_redis::RedisBackend;
use tokio::task::JoinSet;

const LIFE: Duration = hours(1);

struct Case {
    server: Server,
    backend: RedisBackend,
    taints: Arc<dyn Taints>,
}

impl Case {
    async fn new() -> Self {
        let server = Server::start();
        let backend = RedisBackend::connect(&server.url()).await.unwrap();
        let taints = backend.taints().unwrap();
        Self { server, backend, taints }
    }

    async fn read(&self, register: &str) -> Answer {
        self.backend.read(&[], &[register]).await.unwrap()
    }

    async fn is_tainted(&self, register: &str) -> bool {
        let answer = self.read(register).await;
        let tainted = answer.tainted == [0];
        assert!(!tainted || answer.versions == [None], "a tainted register shows a version");
        tainted
    }

    async fn version(&self, register: &str) -> Option<TagVersion> {
        self.read(register).await.versions[0]
    }

    async fn place(&self, register: &str, writer: Writer, life: Duration) -> TagVersion {
        let version = TagVersion::random();
        self.taints.place(&[Stamp { register, version }], writer, life).await.unwrap();
        version
    }

    async fn lift(&self, register: &str, writer: Writer) -> (bool, TagVersion) {
        let version = TagVersion::random();
        let stamps = [Stamp { register, version }];
        (self.taints.lift(&stamps, writer, LIFE).await.unwrap(), version)
    }

    async fn bump(&self, register: &str) -> TagVersion {
        let version = TagVersion::random();
        self.backend.bump(&[Stamp { register, version }], LIFE).await.unwrap();
        version
    }

    fn left(&self, register: &str) -> i64 {
        self.server.cli(&["PTTL", &format!("dogpile:r:{register}")]).parse().unwrap()
    }
}

#[tokio::test]
async fn a_tainted_register_has_no_version_until_its_last_writer_lifts_it() {
    let case = Case::new().await;
    let (one, two) = (Writer::random(), Writer::random());
    case.bump("r").await;
    case.place("r", one, LIFE).await;
    assert!(case.is_tainted("r").await);
    case.place("r", two, LIFE).await;
    case.place("r", one, LIFE).await;
    let created = Stamp { register: "r", version: TagVersion::random() };
    assert_eq!(case.backend.create(&[created], LIFE).await.unwrap(), [None]);
    case.bump("r").await;
    assert!(case.is_tainted("r").await, "a bump took the writers away");
    assert!(case.lift("r", one).await.0);
    assert!(case.is_tainted("r").await, "the first of two writers took the taint of both away");
    assert!(!case.lift("r", one).await.0, "a writer was in the set twice");
    assert!(case.is_tainted("r").await);
    let (was_there, version) = case.lift("r", two).await;
    assert!(was_there);
    assert_eq!(case.version("r").await, Some(version));
    assert!(case.left("r") > 3_500_000, "without writers the register has the life of a register");
}

#[tokio::test]
async fn places_of_tainted_registers_are_told() {
    let case = Case::new().await;
    for register in ["b", "d"] {
        case.place(register, Writer::random(), LIFE).await;
    }
    let version = case.bump("a").await;
    let answer = case.backend.read(&["b"], &["a", "b", "c", "d", "b"]).await.unwrap();
    assert_eq!(answer.versions, [Some(version), None, None, None, None]);
    assert_eq!(answer.tainted, [1, 3, 4]);
}

#[tokio::test]
async fn a_taint_ends_by_itself_and_the_register_with_it() {
    let case = Case::new().await;
    let writer = Writer::random();
    case.bump("r").await;
    case.place("r", writer, millis(300)).await;
    // A life is rounded up to the next millisecond of the clock.
    assert!((0..=301).contains(&case.left("r")), "a register outlives its taint");
    // None of these is a reason for a taint to last.
    case.bump("r").await;
    case.backend.store(&[], &["r"], LIFE).await.unwrap();
    let stamp = Stamp { register: "r", version: TagVersion::random() };
    case.backend.create(&[stamp], LIFE).await.unwrap();
    assert!((0..=301).contains(&case.left("r")), "{} ms are left", case.left("r"));
    while case.is_tainted("r").await {
        tokio::time::sleep(millis(20)).await;
    }
    assert_eq!(case.version("r").await, None, "a taint that ended left a version behind");
    assert!(!case.taints.renew(&["r"], writer, LIFE).await.unwrap(), "an ended taint was renewed");
    let (was_there, version) = case.lift("r", writer).await;
    assert!(!was_there);
    assert_eq!(case.version("r").await, Some(version), "a late lift does not bump");
}

#[tokio::test]
async fn a_renewed_taint_lasts_and_no_writer_shortens_anothers() {
    let case = Case::new().await;
    let (one, two) = (Writer::random(), Writer::random());
    case.place("r", one, secs(100)).await;
    case.place("r", two, secs(50)).await;
    assert!(case.left("r") > 90_000, "a second writer shortened the taint of the first");
    assert!(case.taints.renew(&["r"], two, secs(40)).await.unwrap());
    assert!(case.left("r") > 90_000, "a renewal shortened the taint of another writer");
    assert!(case.taints.renew(&["r"], one, LIFE).await.unwrap());
    assert!(case.left("r") > 3_500_000, "a renewal did not lengthen a taint");
    assert!(case.lift("r", one).await.0);
    let left = case.left("r");
    assert!(
        (45_000..=50_001).contains(&left),
        "the other writer ends when it said last, in {left} ms"
    );
    assert!(!case.taints.renew(&["r"], one, LIFE).await.unwrap(), "renewed by one who lifted it");
    case.bump("free").await;
    assert!(!case.taints.renew(&["r", "free"], two, LIFE).await.unwrap());
    assert!(case.version("free").await.is_some(), "a renewal tainted");
    case.server.cli(&["FLUSHALL"]);
    assert!(!case.taints.renew(&["r"], two, LIFE).await.unwrap(), "a lost taint was renewed");
}

#[tokio::test]
async fn a_writer_that_died_is_not_kept_there_by_those_that_come_after_it() {
    let case = Case::new().await;
    let (dead, alive) = (Writer::random(), Writer::random());
    let length = || case.server.cli(&["STRLEN", "dogpile:r:r"]);
    case.place("r", dead, millis(200)).await;
    case.place("r", alive, LIFE).await;
    assert_eq!(length(), "80", "one of two writers is missing");
    for _ in 0..500 {
        assert!(case.taints.renew(&["r"], alive, LIFE).await.unwrap());
        if length() != "80" {
            break;
        }
        tokio::time::sleep(millis(20)).await;
    }
    assert_eq!(length(), "48", "not the dead writer alone is gone");
    case.place("r", dead, millis(200)).await;
    assert!(case.lift("r", alive).await.0);
    assert!(case.left("r") <= 201, "a taint lasts for a writer that has lifted it");
    // A dead one is no reason against a lift.
    case.place("s", dead, millis(50)).await;
    case.place("s", alive, LIFE).await;
    tokio::time::sleep(millis(60)).await;
    let (held, version) = case.lift("s", alive).await;
    assert!(held);
    assert_eq!(case.version("s").await, Some(version), "it waits for the dead");
}

#[tokio::test]
async fn writers_of_garbage_have_ended() {
    let case = Case::new().await;
    let version = "sixteen bytes...";
    for end in ["             inf", "0x00000000000fff", "-000000000000001", "nan nan nan nan "] {
        let garbage = format!("{version}{version}{end}");
        case.server.cli(&["SET", "dogpile:r:r", &garbage]);
        let writer = Writer::random();
        case.place("r", writer, LIFE).await;
        assert!(case.lift("r", writer).await.0);
        assert!(case.version("r").await.is_some(), "{end} taints");
    }
    let garbage = format!("{version}{version}9999999999999999");
    case.server.cli(&["SET", "dogpile:r:r", &garbage]);
    case.place("r", Writer::random(), LIFE).await;
    let own = Writer(u128::from_be_bytes(version.as_bytes().try_into().unwrap()));
    assert!(case.taints.renew(&["r"], own, LIFE).await.unwrap());
    assert!(case.is_tainted("r").await);
}

#[tokio::test]
async fn several_registers_are_tainted_and_lifted_in_one_call() {
    let case = Case::new().await;
    let writer = Writer::random();
    let names: Vec<_> = (0..50).map(|n| format!("r{n}")).collect();
    let stamps = names.iter().map(|register| Stamp { register, version: TagVersion::random() });
    let stamps: Vec<_> = stamps.collect();
    let registers: Vec<_> = names.iter().map(String::as_str).collect();
    case.taints.place(&stamps, writer, LIFE).await.unwrap();
    let answer = case.backend.read(&[], &registers).await.unwrap();
    assert_eq!(answer.tainted, (0..50).collect::<Vec<_>>());
    assert!(case.taints.renew(&registers, writer, LIFE).await.unwrap());
    assert!(case.taints.lift(&stamps, writer, LIFE).await.unwrap());
    let answer = case.backend.read(&[], &registers).await.unwrap();
    assert!(answer.versions.into_iter().eq(stamps.iter().map(|stamp| Some(stamp.version))));
    case.taints.place(&[], writer, LIFE).await.unwrap();
    assert!(case.taints.renew(&[], writer, LIFE).await.unwrap());
    assert!(case.taints.lift(&[], writer, LIFE).await.unwrap());
}

#[tokio::test]
async fn too_many_writers_are_an_error_and_no_read_of_any_size() {
    let case = Case::new().await;
    let first = Writer::random();
    case.place("r", first, LIFE).await;
    let mut placed = 1;
    let error = loop {
        let stamp = Stamp { register: "r", version: TagVersion::random() };
        match case.taints.place(&[stamp], Writer::random(), LIFE).await {
            Ok(()) => placed += 1,
            Err(error) => break error,
        }
    };
    assert_eq!((placed, error.kind()), (256, ErrorKind::Unavailable));
    case.place("r", first, LIFE).await;
    assert!(case.lift("r", first).await.0);
    case.place("r", Writer::random(), LIFE).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_reader_sees_a_version_between_a_place_and_its_lift() {
    let case = Arc::new(Case::new().await);
    let mut tasks = JoinSet::new();
    for _ in 0..8 {
        let case = Arc::clone(&case);
        tasks.spawn(async move {
            for _ in 0..50 {
                let writer = Writer::random();
                case.place("r", writer, LIFE).await;
                assert!(case.is_tainted("r").await, "between a place and its lift");
                assert!(case.taints.renew(&["r"], writer, LIFE).await.unwrap());
                assert!(case.lift("r", writer).await.0, "a writer was lost");
            }
        });
    }
    for _ in 0..4 {
        let case = Arc::clone(&case);
        tasks.spawn(async move {
            for _ in 0..100 {
                case.bump("r").await;
                let stamp = Stamp { register: "r", version: TagVersion::random() };
                case.backend.create(&[stamp], LIFE).await.unwrap();
                case.backend.store(&[], &["r"], LIFE).await.unwrap();
            }
        });
    }
    while let Some(task) = tasks.join_next().await {
        task.unwrap();
    }
    assert!(!case.is_tainted("r").await, "all were lifted");
    assert!(case.version("r").await.is_some());
}

#[tokio::test]
async fn taints_work_across_the_servers_of_a_cluster() {
    let cluster = Cluster::start();
    let backend = RedisBackend::connect(&cluster.url()).await.unwrap();
    let taints = backend.taints().unwrap();
    let writer = Writer::random();
    let names: Vec<_> = (0..50).map(|n| format!("r{n}")).collect();
    let stamps = names.iter().map(|register| Stamp { register, version: TagVersion::random() });
    let stamps: Vec<_> = stamps.collect();
    let registers: Vec<_> = names.iter().map(String::as_str).collect();
    taints.place(&stamps, writer, LIFE).await.unwrap();
    let answer = backend.read(&[], &registers).await.unwrap();
    assert_eq!(answer.tainted, (0..50).collect::<Vec<_>>());
    assert!(taints.lift(&stamps, writer, LIFE).await.unwrap());
    let answer = backend.read(&[], &registers).await.unwrap();
    assert!(answer.versions.into_iter().eq(stamps.iter().map(|stamp| Some(stamp.version))));
}
