use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::Notify;

use super::{Done, Failure, Keeper, Making, Usable};

/// What is kept in these tests.
#[derive(Debug, Default)]
struct Thing {
    number: usize,
    broken: AtomicBool,
}

impl Usable for Thing {
    fn is_usable(&self) -> bool {
        !self.broken.load(Ordering::Relaxed)
    }
}

#[derive(Default)]
struct Maker {
    made: AtomicUsize,
    go_on: Notify,
}

impl Maker {
    /// Makes one when it is told to go on.
    fn make(self: &Arc<Self>) -> impl FnOnce() -> Making<Thing> + use<> {
        let maker = Arc::clone(self);
        move || {
            Box::pin(async move {
                let number = maker.made.fetch_add(1, Ordering::SeqCst);
                maker.go_on.notified().await;
                Ok(Thing { number, ..Thing::default() })
            })
        }
    }
}

fn fails() -> Making<Thing> {
    Box::pin(async { Err(Failure::new("no")) })
}

fn number(got: Done<Arc<Thing>>) -> usize {
    got.unwrap().number
}

#[tokio::test]
async fn all_who_ask_at_once_share_one_attempt() {
    let (keeper, maker) = (Keeper::new(), Arc::new(Maker::default()));
    let asked = (0..10).map(|_| keeper.get(maker.make()));
    let go_on = async { maker.go_on.notify_one() };
    let (got, ()) = futures_util::future::join(futures_util::future::join_all(asked), go_on).await;
    assert!(got.into_iter().all(|got| number(got) == 0));
    assert_eq!(maker.made.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn what_is_broken_is_made_again_and_a_failure_is_not_kept() {
    let (keeper, maker) = (Keeper::new(), Arc::new(Maker::default()));
    assert_eq!(keeper.get(fails).await.unwrap_err(), Failure::new("no"));
    maker.go_on.notify_one();
    let first = keeper.get(maker.make()).await.unwrap();
    assert_eq!(number(keeper.get(fails).await), 0, "one that serves is kept");
    first.broken.store(true, Ordering::Relaxed);
    assert!(keeper.current().is_none());
    maker.go_on.notify_one();
    assert_eq!(number(keeper.get(maker.make()).await), 1);
}

#[tokio::test]
async fn an_attempt_outlives_the_caller_who_began_it() {
    let (keeper, maker) = (Keeper::new(), Arc::new(Maker::default()));
    assert!(keeper.get(maker.make()).now_or_never().is_none());
    maker.go_on.notify_one();
    assert_eq!(number(keeper.get(fails).await), 0, "one caller of no patience is not everybody's");
}

#[tokio::test(start_paused = true)]
async fn what_one_caller_gave_up_on_does_not_keep_others_waiting() {
    let (keeper, maker) = (Keeper::new(), Arc::new(Maker::default()));
    let first = tokio::time::timeout(Duration::from_millis(100), keeper.get(maker.make()));
    assert!(first.await.is_err());
    let next = keeper.get(fails).now_or_never().expect("it waits");
    assert!(next.is_err());
    maker.go_on.notify_one();
    while keeper.current().is_none() {
        tokio::task::yield_now().await;
    }
    assert_eq!(number(keeper.get(fails).await), 0);
}

#[tokio::test]
async fn the_present_one_serves_while_the_next_is_made() {
    let (keeper, maker) = (Keeper::new(), Arc::new(Maker::default()));
    maker.go_on.notify_one();
    assert_eq!(number(keeper.get(maker.make()).await), 0);
    keeper.renew(maker.make());
    keeper.renew(maker.make());
    assert_eq!(number(keeper.get(fails).await), 0);
    maker.go_on.notify_one();
    while number(keeper.get(fails).await) == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(maker.made.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn however_often_it_is_renewed_it_is_made_now_and_then() {
    let (keeper, maker) = (Keeper::new(), Arc::new(Maker::default()));
    maker.go_on.notify_one();
    assert_eq!(number(keeper.get(maker.make()).await), 0);
    for _ in 0..100 {
        keeper.renew(maker.make());
        maker.go_on.notify_one();
        tokio::time::advance(Duration::from_millis(10)).await;
    }
    let made = maker.made.load(Ordering::SeqCst);
    assert!((9..=11).contains(&made), "{made} were made within a second");
}

#[test]
fn an_attempt_whose_runtime_is_gone_is_over() {
    let (keeper, maker) = (Keeper::new(), Arc::new(Maker::default()));
    let runtime = || tokio::runtime::Builder::new_current_thread().build().unwrap();
    let one = runtime();
    one.block_on(async { assert!(keeper.get(maker.make()).now_or_never().is_none()) });
    drop(one);
    maker.go_on.notify_one();
    assert_eq!(number(runtime().block_on(keeper.get(maker.make()))), 0);
    assert!(keeper.get(fails).now_or_never().is_some_and(|got| got.is_ok()));
    let nowhere = Keeper::<Thing>::new();
    assert!(nowhere.get(fails).now_or_never().is_some_and(|got| got.is_err()), "no runtime at all");
}
