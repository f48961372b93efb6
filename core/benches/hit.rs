//! A warm hit of a region beside the bare store under it.
//!
//! Target: at most three times a bare `quick_cache` get with its `Arc` clone.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use dogpile::backend::MemoryBackend;
use dogpile::{Coherence, Error, Key, Region, Shared, Tags, minutes};

type Rows = Vec<(i64, String)>;

fn rows() -> Rows {
    (0..100).map(|i| (i, format!("row {i}"))).collect()
}

/// How many keys there are where they are many.
const KEYS: usize = 10_000;

fn region() -> Region {
    match Region::builder("bench").ttl(minutes(60)).local(1 << 33).build() {
        Ok(region) => region,
        Err(error) => panic!("{error}"),
    }
}

fn tags() -> Tags {
    ["orders", "customers"].into_iter().collect::<Tags>().prepared()
}

/// One poll is all a hit needs: the runtime's cost is not the region's.
fn now<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => panic!("a hit does not wait"),
    }
}

fn hit(region: &Region, key: &Key, tags: &Tags) -> Shared<Rows> {
    let found = now(region.entry(key).tags(tags).get_or_create(async || Ok::<_, Error>(rows())));
    match found {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}

/// A small linear step that visits all keys in no useful order.
fn next(index: &mut usize) -> usize {
    *index = (*index + 7_919) % KEYS;
    *index
}

fn one_hot_key(c: &mut Criterion) {
    let mut group = c.benchmark_group("hit, one hot key");
    let store = quick_cache::sync::Cache::<u128, Arc<Rows>>::new(KEYS);
    store.insert(7, Arc::new(rows()));
    group.bench_function("quick_cache get", |b| b.iter(|| store.get(black_box(&7))));

    let (region, key, tags) = (region(), Key::from(("orders", 7)), tags());
    group.bench_function("region, shared", |b| {
        b.iter(|| hit(black_box(&region), black_box(&key), black_box(&tags)));
    });
    group.finish();
}

fn many_keys(c: &mut Criterion) {
    let mut group = c.benchmark_group("hit, 10,000 keys");
    let store = quick_cache::sync::Cache::<u128, Arc<Rows>>::new(2 * KEYS);
    let keys: Vec<Key> = (0..KEYS).map(|i| Key::from(("orders", i))).collect();
    let values: Vec<_> = (0..KEYS).map(|_| Arc::new(rows())).collect();
    for (key, value) in keys.iter().zip(&values) {
        store.insert(key.digest().lookup, Arc::clone(value));
    }
    let mut index = 0;
    group.bench_function("quick_cache get", |b| {
        b.iter(|| store.get(&keys[next(&mut index)].digest().lookup));
    });

    let (region, tags) = (region(), tags());
    for key in &keys {
        hit(&region, key, &tags);
    }
    group.bench_function("region, shared", |b| {
        b.iter(|| hit(&region, &keys[next(&mut index)], &tags));
    });
    group.finish();
}

/// Target: several keys in one call cost at most 40 % of as many calls.
fn several(c: &mut Criterion) {
    let mut group = c.benchmark_group("hit, 100 keys");
    let (region, tags) = (region(), tags());
    let keys: Vec<Key> = (0..100_usize).map(|i| Key::from(("orders", i))).collect();
    for key in &keys {
        hit(&region, key, &tags);
    }
    group.bench_function("100 calls, prepared keys", |b| {
        b.iter(|| keys.iter().map(|key| hit(&region, key, &tags)).collect::<Vec<_>>());
    });
    let own = |i: usize| {
        let entry = region.entry(("orders", i)).tags(&tags);
        now(entry.get_or_create(async || Ok::<_, Error>(rows())))
    };
    group.bench_function("100 calls, a key made for each", |b| {
        b.iter(|| (0..100).map(own).collect::<Result<Vec<_>, _>>());
    });
    group.bench_function("one call for 100 keys", |b| {
        b.iter(|| {
            let entries = region.entries_by(0..100_usize, |i| keys[*i].clone()).tags(&tags);
            now(entries.get_or_create_multi(async |ids: Vec<usize>| {
                Ok::<_, Error>(ids.iter().map(|_| rows()).collect())
            }))
        });
    });
    group.bench_function("one call for 100 keys, a key made for each", |b| {
        b.iter(|| {
            let entries = region.entries_by(0..100_usize, |i| Key::from(("orders", *i)));
            now(entries.tags(&tags).get_or_create_multi(async |ids: Vec<usize>| {
                Ok::<_, Error>(ids.iter().map(|_| rows()).collect())
            }))
        });
    });
    group.finish();
}

/// The same where the values live in a backend, of which the one in memory has the shortest trips.
fn several_afar(c: &mut Criterion) {
    let mut group = c.benchmark_group("hit, 100 keys in a backend");
    let tags = tags();
    let keys: Vec<Key> = (0..100_usize).map(|i| Key::from(("orders", i))).collect();
    let (strict, bounded) = (Coherence::Strict, Coherence::Bounded(minutes(60)));
    let tiers = [
        ("bytes decoded", 0, strict),
        ("copies checked", 1 << 26, strict),
        ("copies believed", 1 << 26, bounded),
    ];
    for (name, local, coherence) in tiers {
        let region = Region::builder("bench").ttl(minutes(60)).backend(MemoryBackend::new());
        let region = match region.local(local).coherence(coherence).build() {
            Ok(region) => region,
            Err(error) => panic!("{error}"),
        };
        for key in &keys {
            hit(&region, key, &tags);
        }
        group.bench_function(format!("100 calls, {name}"), |b| {
            b.iter(|| keys.iter().map(|key| hit(&region, key, &tags)).collect::<Vec<_>>());
        });
        group.bench_function(format!("one call for 100 keys, {name}"), |b| {
            b.iter(|| {
                let entries = region.entries_by(0..100_usize, |i| keys[*i].clone()).tags(&tags);
                now(entries.get_or_create_multi(async |ids: Vec<usize>| {
                    Ok::<_, Error>(ids.iter().map(|_| rows()).collect())
                }))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, one_hot_key, many_keys, several, several_afar);
criterion_main!(benches);
