//! A hit in a backend with each layer around it, and with all of them.
//!
//! The backend is the one in memory, whose trips are the shortest: beside a server's, a layer costs
//! a smaller part.

use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use dogpile::backend::layer::{Chaos, Compress, Encrypt, Keys, Logging, Metrics};
use dogpile::backend::{Backend, BackendExt, MemoryBackend};
use dogpile::{Error, Key, Region, minutes};

/// Four kilobytes that shrink, as rows do.
fn row() -> String {
    (0..100).map(|i| format!("order {i}: 4 pieces, to be sent; ")).collect()
}

/// A region without a local tier: every hit is a trip through all layers.
fn region(backend: impl Backend) -> Region {
    match Region::builder("bench").ttl(minutes(60)).backend(backend).local(0).build() {
        Ok(region) => region,
        Err(error) => panic!("{error}"),
    }
}

fn now<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => panic!("memory does not wait"),
    }
}

fn hit(region: &Region, key: &Key) {
    let found = now(region.entry(key).tag("orders").get_or_create(async || Ok::<_, Error>(row())));
    if let Err(error) = found {
        panic!("{error}");
    }
}

fn encrypt() -> Encrypt {
    Encrypt::new(Keys::new(1, [7; 32]))
}

fn all(backend: impl Backend) -> impl Backend {
    let inside = backend.layer(Chaos::seeded(1)).layer(encrypt());
    inside.layer(Compress::new()).layer(Metrics::new()).layer(Logging::new())
}

fn layers(c: &mut Criterion) {
    let memory = MemoryBackend::new;
    let backends: [(&str, Arc<dyn Backend>); 7] = [
        ("no layer", memory().shared()),
        ("logging, switched off", memory().layer(Logging::new()).shared()),
        ("metrics, no recorder", memory().layer(Metrics::new()).shared()),
        ("chaos without faults", memory().layer(Chaos::seeded(1)).shared()),
        ("compress", memory().layer(Compress::new()).shared()),
        ("encrypt", memory().layer(encrypt()).shared()),
        ("all five", all(memory()).shared()),
    ];
    let mut group = c.benchmark_group("hit in a backend, 4 KB");
    let key = Key::from(("orders", 7));
    for (name, backend) in backends {
        let region = region(backend);
        hit(&region, &key);
        group.bench_function(name, |b| b.iter(|| hit(&region, &key)));
    }
    group.finish();
}

criterion_group!(benches, layers);
criterion_main!(benches);
