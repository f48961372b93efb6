//! What is done to the regions.

use std::time::Duration;

use dogpile::{Invalidation, secs};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

pub(crate) const KEYS: usize = 3;
pub(crate) const SLOTS: usize = 2;
pub(crate) const TAGS: [&str; 3] = ["a", "b", "table:t"];

/// The tags that calls declare; two of the lists are the same set in another order.
pub(crate) const DECLARED: [&[usize]; 7] = [&[], &[0], &[1], &[0, 1], &[1, 0], &[2], &[2, 0]];

/// One call for a key, with its options.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) region: usize,
    pub(crate) key: usize,
    pub(crate) tags: &'static [usize],
    pub(crate) ttl: Option<Duration>,
    pub(crate) stale_for: Option<Duration>,
}

/// What may also happen in the middle of a creation.
#[derive(Debug, Clone)]
pub(crate) enum Simple {
    Advance(Duration),
    Invalidate(usize, Invalidation, &'static [usize]),
    InvalidateTables(usize),
    InvalidateAll(usize, Invalidation),
    InvalidateKey(usize, usize, Invalidation),
    Set(Call),
    DeleteAll(usize),
    Reads(usize, bool),
    /// The backend loses its registers.
    Forget,
    /// The backend loses everything.
    Clear,
}

/// How a creation goes.
#[derive(Debug, Clone)]
pub(crate) struct Creation {
    pub(crate) meanwhile: Option<Simple>,
    pub(crate) fails: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum Operation {
    Simple(Simple),
    Get(Call),
    GetOtherType(Call),
    GetOrCreate(Call, Creation),
    Refresh(Call, Creation),
    GetMulti(Call, Vec<usize>),
    GetOrCreateMulti(Call, Vec<usize>, Creation),
    Observe(Call, usize),
    StoreObserved(usize),
}

pub(crate) fn operations(regions: usize, backend: bool) -> impl Strategy<Value = Vec<Operation>> {
    vec(operation(regions, backend), 1..60)
}

fn operation(regions: usize, backend: bool) -> impl Strategy<Value = Operation> {
    use Operation as O;
    let call = || call(regions);
    let keys = || vec(0..KEYS, 1..5);
    let creation = || {
        let meanwhile = proptest::option::weighted(0.3, simple(regions, backend));
        let parts = (meanwhile, proptest::bool::weighted(0.1));
        parts.prop_map(|(meanwhile, fails)| Creation { meanwhile, fails })
    };
    prop_oneof![
        6 => simple(regions, backend).prop_map(O::Simple),
        4 => call().prop_map(O::Get),
        1 => call().prop_map(O::GetOtherType),
        6 => (call(), creation()).prop_map(|(call, creation)| O::GetOrCreate(call, creation)),
        1 => (call(), creation()).prop_map(|(call, creation)| O::Refresh(call, creation)),
        1 => (call(), keys()).prop_map(|(call, keys)| O::GetMulti(call, keys)),
        2 => (call(), keys(), creation()).prop_map(|(call, keys, c)| O::GetOrCreateMulti(call, keys, c)),
        1 => (call(), 0..SLOTS).prop_map(|(call, slot)| O::Observe(call, slot)),
        2 => (0..SLOTS).prop_map(O::StoreObserved),
    ]
}

fn simple(regions: usize, backend: bool) -> BoxedStrategy<Simple> {
    use Simple as S;
    let how = || select(vec![Invalidation::Hard, Invalidation::Soft]);
    // Values live for 20 or 60 s and may be stale for 0, 10 or 30 s: ends are met exactly.
    let time = select(vec![1, 10, 19, 20, 30, 40, 60]).prop_map(secs);
    let mut all: Vec<(u32, BoxedStrategy<S>)> = vec![
        (6, time.prop_map(S::Advance).boxed()),
        (
            4,
            (0..regions, how(), tags())
                .prop_map(|(r, how, tags)| S::Invalidate(r, how, tags))
                .boxed(),
        ),
        (1, (0..regions).prop_map(S::InvalidateTables).boxed()),
        (1, (0..regions, how()).prop_map(|(r, how)| S::InvalidateAll(r, how)).boxed()),
        (
            2,
            (0..regions, 0..KEYS, how())
                .prop_map(|(r, k, how)| S::InvalidateKey(r, k, how))
                .boxed(),
        ),
        (2, call(regions).prop_map(S::Set).boxed()),
        (1, (0..regions).prop_map(S::DeleteAll).boxed()),
        (
            1,
            (0..regions, proptest::bool::weighted(0.8)).prop_map(|(r, on)| S::Reads(r, on)).boxed(),
        ),
    ];
    if backend {
        all.push((1, Just(S::Forget).boxed()));
        all.push((1, Just(S::Clear).boxed()));
    }
    proptest::strategy::Union::new_weighted(all).boxed()
}

fn tags() -> impl Strategy<Value = &'static [usize]> {
    select(DECLARED.to_vec())
}

fn call(regions: usize) -> impl Strategy<Value = Call> {
    let ttl = proptest::option::weighted(0.2, Just(secs(20)));
    let stale_for = proptest::option::weighted(0.3, select(vec![secs(0), secs(10), secs(30)]));
    // Most calls declare the same tags, or nothing would ever be a hit.
    let tags = prop_oneof![3 => Just(DECLARED[3]), 2 => tags()];
    (0..regions, 0..KEYS, tags, ttl, stale_for)
        .prop_map(|(region, key, tags, ttl, stale_for)| Call { region, key, tags, ttl, stale_for })
}
