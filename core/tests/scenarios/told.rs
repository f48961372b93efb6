//! What the listener of a region hears of a lookup.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use dogpile::{Event, Observer, Outcome, Reason, minutes, secs};

use crate::support::{everywhere, made};

#[derive(Debug, Clone, Default)]
struct Lookups(Arc<Mutex<Vec<Heard>>>);

type Heard = (Outcome, Option<Duration>, Option<Reason>);

impl Observer for Lookups {
    fn on_event(&self, region: &str, event: &Event) {
        assert_eq!(region, "test");
        if let Event::Lookup { outcome, age, reason, .. } = event {
            self.0.lock().unwrap().push((*outcome, *age, *reason));
        }
    }
}

#[tokio::test]
async fn s210_every_lookup_is_told_once_with_the_age_of_what_it_found() {
    let lookups = Lookups::default();
    for pair in everywhere(|builder| builder.stale_for(minutes(5)).observer(lookups.clone())) {
        let region = &pair.a;
        let told = || std::mem::take(&mut *lookups.0.lock().unwrap());
        let take = async || {
            region
                .entry("k")
                .tag("t")
                .get_or_create(async || {
                    pair.clock.advance(secs(2));
                    made(1_u64)
                })
                .await
                .unwrap();
            told()
        };
        let miss = |reason| vec![(Outcome::Miss, None, Some(reason))];
        assert_eq!(take().await, miss(Reason::ABSENT), "{}", pair.place);
        assert_eq!(take().await, [(Outcome::Hit, Some(secs(2)), None)], "{}", pair.place);
        pair.clock.advance(secs(40));
        assert_eq!(take().await, [(Outcome::Hit, Some(secs(42)), None)], "{}", pair.place);
        pair.clock.advance(minutes(5));
        let stale = (Outcome::Stale, Some(secs(342)), Some(Reason::EXPIRED));
        assert_eq!(take().await, [stale], "{}", pair.place);
        region.invalidate(["t"]).await.unwrap();
        assert_eq!(take().await, miss(Reason::INVALIDATED), "{}", pair.place);
        region.set_reads(false);
        let bypass = (Outcome::Bypass, None, Some(Reason::DISABLED));
        assert_eq!(take().await, [bypass], "{}", pair.place);
        region.set_reads(true);
        // Elsewhere the age is the same: it counts from the beginning of the creation.
        pair.clock.advance(secs(5));
        pair.b.entry("k").tag("t").get::<u64>().await.unwrap();
        assert_eq!(told(), [(Outcome::Hit, Some(secs(9)), None)], "{}", pair.place);
    }
}
