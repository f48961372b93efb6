//! What layers do to each other, and what they tell.

use std::fmt;
use std::sync::{Arc, Mutex};

use dogpile::backend::layer::{Chaos, Logging, Operation};
use dogpile::backend::{Backend, BackendExt, Layer, MemoryBackend, Stamp, TagVersion, Writer};
use dogpile::{Owner, minutes, secs};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};

/// Writes the fields of every event down, times left out.
#[derive(Debug, Clone, Default)]
struct Events(Arc<Mutex<Vec<String>>>);

impl Events {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() != "elapsed_us" && field.name() != "message" {
            self.0 += &format!("{field}={value:?} ");
        }
    }
}

impl Subscriber for Events {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "dogpile::backend"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0.trim_end().to_owned());
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Every call once, on names and bytes that nobody should see.
async fn call_everything(backend: &impl Backend) {
    let stamp = Stamp { register: "secret register", version: TagVersion::random() };
    backend.create(&[stamp], minutes(5)).await.unwrap();
    backend.bump(&[stamp], minutes(5)).await.unwrap();
    backend.put("secret key", "secret bytes", minutes(5)).await.unwrap();
    backend.read(&["secret key", "other"], &["secret register"]).await.unwrap();
    backend.remove(&["secret key"]).await.unwrap();
    let (locks, owner) = (backend.locks().unwrap(), Owner::random());
    locks.try_acquire("secret lease", owner, secs(3)).await.unwrap();
    locks.renew("secret lease", owner, secs(3)).await.unwrap();
    locks.release("secret lease", owner).await.unwrap();
    locks.abandon("secret lease", owner);
    let (taints, writer) = (backend.taints().unwrap(), Writer::random());
    taints.place(&[stamp], writer, secs(3)).await.unwrap();
    taints.renew(&["secret register"], writer, secs(3)).await.unwrap();
    taints.lift(&[stamp], writer, secs(3)).await.unwrap();
}

#[tokio::test]
async fn every_call_is_logged_once_without_names_or_bytes() {
    let events = Events::default();
    let _default = tracing::subscriber::set_default(events.clone());
    call_everything(&MemoryBackend::new().layer(Logging::new())).await;
    let line = |operation: &str, names: usize, sent: usize, received: usize| {
        format!(
            "backend=\"memory\" operation=\"{operation}\" names={names} sent_bytes={sent} \
             received_bytes={received} outcome=\"ok\""
        )
    };
    let expected = [
        line("create", 1, 0, 0),
        line("bump", 1, 0, 0),
        line("store", 1, 12, 0),
        line("read", 3, 0, 12),
        line("remove", 1, 0, 0),
        line("acquire", 1, 0, 0),
        line("renew", 1, 0, 0),
        line("release", 1, 0, 0),
        line("abandon", 1, 0, 0),
        line("place", 1, 0, 0),
        line("renew_taints", 1, 0, 0),
        line("lift", 1, 0, 0),
    ];
    assert_eq!(events.take(), expected);
    assert_eq!(expected.len(), Operation::ALL.len(), "an operation is not called");
}

#[tokio::test]
async fn a_call_whose_caller_goes_away_is_logged_as_dropped() {
    let events = Events::default();
    let _default = tracing::subscriber::set_default(events.clone());
    let chaos = Chaos::seeded(1).delay(1.0, minutes(5));
    let backend = MemoryBackend::new().layer(chaos).layer(Logging::new());
    {
        let mut read = Box::pin(backend.get("k"));
        let waker = std::task::Waker::noop();
        assert!(read.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_pending());
        assert!(events.take().is_empty(), "a call was logged before it ended");
    }
    let [dropped] = &events.take()[..] else { panic!("not one event") };
    assert!(dropped.ends_with("outcome=\"dropped\""), "{dropped}");
}

#[tokio::test]
async fn the_layer_given_last_is_the_outermost() {
    let events = Events::default();
    let _default = tracing::subscriber::set_default(events.clone());
    let chaos = Chaos::seeded(1).fail(1.0);
    let logged_last = MemoryBackend::new().layer(chaos.clone()).layer(Logging::new());
    logged_last.get("k").await.unwrap_err();
    let seen = events.take();
    assert!(seen[0].ends_with("outcome=\"unavailable\""), "the outer layer saw {seen:?}");
    // Fails before the call, or after it: the layer inside never sees the failure itself.
    let logged_first = MemoryBackend::new().layer(Logging::new()).layer(chaos);
    for _ in 0..20 {
        logged_first.get("k").await.unwrap_err();
    }
    let seen = events.take();
    assert!(seen.len() < 20, "the inner layer saw calls that never reached it");
    assert!(seen.iter().all(|event| event.ends_with("outcome=\"ok\"")), "{seen:?}");
}

#[tokio::test]
async fn a_layer_of_ones_own_and_a_pointer_compose() {
    struct Twice<L>(L);

    impl<L: Layer + Clone> Layer for Twice<L> {
        fn wrap(self, inner: Arc<dyn Backend>) -> impl Backend {
            inner.layer(self.0.clone()).layer(self.0)
        }
    }

    let events = Events::default();
    let _default = tracing::subscriber::set_default(events.clone());
    let shared: Arc<dyn Backend> = MemoryBackend::new().shared();
    let twice = Arc::clone(&shared).layer(Twice(Logging::new())).shared();
    twice.put("k", "v", minutes(5)).await.unwrap();
    assert_eq!(events.take().len(), 2);
    assert_eq!(shared.get("k").await.unwrap().unwrap(), "v");
    assert_eq!(twice.identity(), shared.identity());
}

#[cfg(feature = "metrics")]
#[tokio::test]
async fn every_call_is_counted_timed_and_weighed() {
    use std::collections::{HashMap, HashSet};

    use dogpile::backend::layer::{Metrics, series};
    use metrics_util::debugging::{DebugValue, DebuggingRecorder};

    let recorder = DebuggingRecorder::new();
    let snapshots = recorder.snapshotter();
    let _local = metrics::set_default_local_recorder(&recorder);
    let chaos = Chaos::seeded(1);
    let backend = MemoryBackend::new().layer(chaos.clone()).layer(Metrics::new());
    call_everything(&backend).await;
    let failing = chaos.fail_on(Operation::Bump, 1.0);
    let failing = MemoryBackend::new().layer(failing).layer(Metrics::new());
    let stamp = Stamp { register: "r", version: TagVersion::random() };
    failing.bump(&[stamp], minutes(5)).await.unwrap_err();

    let mut counts = HashMap::new();
    let mut names = HashSet::new();
    for (key, _, _, value) in snapshots.snapshot().into_vec() {
        let key = key.key();
        names.insert(key.name().to_owned());
        let labels: Vec<_> = key.labels().map(|label| label.value().to_owned()).collect();
        assert!(!format!("{key}").contains("secret"), "{key}");
        if let DebugValue::Counter(count) = value {
            counts.insert(format!("{} {}", key.name(), labels.join(" ")), count);
        }
    }
    assert_eq!(names, series::ALL.map(str::to_owned).into());
    let mut expected: HashMap<String, u64> = Operation::ALL
        .iter()
        .map(|operation| (format!("{} memory {} ok", series::CALLS, operation.name()), 1))
        .collect();
    expected.insert(format!("{} memory bump error", series::CALLS), 1);
    expected.insert(format!("{} memory sent", series::BYTES), 12);
    expected.insert(format!("{} memory received", series::BYTES), 12);
    assert_eq!(counts, expected);
}

#[cfg(all(feature = "zstd", feature = "encrypt"))]
#[tokio::test]
async fn an_entry_is_compressed_before_it_is_encrypted() {
    use dogpile::backend::layer::{Compress, Encrypt, Keys};

    let entry = vec![7; 100_000];
    let stored = async |backend: &dyn Backend, memory: &MemoryBackend| {
        backend.put("k", entry.clone(), minutes(5)).await.unwrap();
        assert_eq!(backend.get("k").await.unwrap().unwrap(), entry);
        memory.weight()
    };
    let keys = Keys::new(1, [7; 32]);
    let memory = MemoryBackend::new();
    let right = memory.clone().layer(Encrypt::new(keys.clone())).layer(Compress::new());
    assert!(stored(&right, &memory).await < 1_000);
    // The other way round nothing is lost but the compression.
    let memory = MemoryBackend::new();
    let wrong = memory.clone().layer(Compress::new()).layer(Encrypt::new(keys));
    assert!(stored(&wrong, &memory).await > 100_000);
}

#[cfg(all(feature = "zstd", feature = "encrypt"))]
#[tokio::test]
async fn what_a_layer_cannot_read_is_absent() {
    use dogpile::backend::layer::{Compress, Encrypt, Keys};

    let memory = MemoryBackend::new();
    let keys = |key| Keys::new(1, [key; 32]);
    let backend = memory.clone().layer(Encrypt::new(keys(1))).layer(Compress::new());
    backend.put("k", "secret", minutes(5)).await.unwrap();
    let sealed = memory.get("k").await.unwrap().unwrap();
    memory.put("moved", sealed, minutes(5)).await.unwrap();
    memory.put("garbage", "not an entry", minutes(5)).await.unwrap();
    for (key, expected) in [("k", Some("secret")), ("moved", None), ("garbage", None)] {
        let found = backend.get(key).await.unwrap();
        assert_eq!(found.as_deref(), expected.map(str::as_bytes), "{key}");
    }
    let other = memory.layer(Encrypt::new(keys(2))).layer(Compress::new());
    assert_eq!(other.get("k").await.unwrap(), None);
}
