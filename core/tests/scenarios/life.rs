//! How long values live.

use dogpile::{Region, minutes, secs};

use crate::support::{everywhere, made};

async fn held(region: &Region, key: &'static str) -> Option<u64> {
    region.entry(key).get::<u64>().await.map(|value| *value)
}

#[tokio::test]
async fn s033_a_value_ends_at_its_own_deadline_and_not_before() {
    for pair in everywhere(|builder| builder) {
        let place = pair.place;
        pair.a.entry("usual").get_or_create(async || made(1_u64)).await.unwrap();
        let short = pair.a.entry("short").ttl(secs(10));
        short.get_or_create(async || made(2_u64)).await.unwrap();
        let long = pair.a.entry("long").ttl(minutes(10));
        long.get_or_create(async || made(3_u64)).await.unwrap();
        let all = async |region: &Region| {
            [held(region, "usual").await, held(region, "short").await, held(region, "long").await]
        };
        let mut now = secs(0);
        let ends = [
            (secs(9), [Some(1), Some(2), Some(3)]),
            (secs(10), [Some(1), None, Some(3)]),
            (secs(299), [Some(1), None, Some(3)]),
            (secs(300), [None, None, Some(3)]),
            (secs(599), [None, None, Some(3)]),
            (secs(600), [None; 3]),
        ];
        for (at, expected) in ends {
            pair.clock.advance(at - now);
            now = at;
            assert_eq!(all(&pair.a).await, expected, "{place} at {at:?}");
            assert_eq!(all(&pair.b).await, expected, "{place} at {at:?}, elsewhere");
        }
    }
}

#[tokio::test]
async fn s033_jitter_takes_off_its_share_at_most_and_adds_nothing() {
    for pair in everywhere(|builder| builder.jitter(0.2)) {
        for key in 0..200_u64 {
            pair.a.entry(key).get_or_create(async || made(key)).await.unwrap();
        }
        let alive = async || {
            let values = pair.b.entries(0..200_u64).get_multi::<u64>().await;
            values.iter().filter(|value| value.is_some()).count()
        };
        pair.clock.advance(secs(239));
        assert_eq!(alive().await, 200, "{}: ended before 80 % of the ttl", pair.place);
        pair.clock.advance(secs(31));
        let half = alive().await;
        assert!((20..180).contains(&half), "{}: {half} of 200 live in the middle", pair.place);
        pair.clock.advance(secs(30));
        assert_eq!(alive().await, 0, "{}: lived past the ttl", pair.place);
    }
}
