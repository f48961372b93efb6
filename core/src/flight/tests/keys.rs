//! What names a flight, and what is known of those under way.

use std::sync::Arc;

use super::super::{FlightKey, Flights};
use super::{DIGEST, leads};
use crate::backend::TagVersion;
use crate::key::Digest;
use crate::tag::Observation;

const OTHER: Digest = Digest { lookup: 8, check: 8 };

fn observed(version: u128) -> Observation {
    Observation::of_registers(&[TagVersion(version)], None)
}

#[test]
fn i3_i4_a_flight_is_of_one_key_one_type_and_one_observation() {
    let key = FlightKey::new::<i32>(DIGEST, &observed(1));
    assert!(key == FlightKey::new::<i32>(DIGEST, &observed(1)));
    assert!(key != FlightKey::new::<i32>(OTHER, &observed(1)));
    assert!(key != FlightKey::new::<u32>(DIGEST, &observed(1)));
    assert!(key != FlightKey::new::<i32>(DIGEST, &observed(2)));
}

#[test]
fn those_who_gather_and_those_whose_turn_it_is_meet_nobody_else() {
    let create = FlightKey::new::<i32>(DIGEST, &Observation::default());
    let [gather, only] = [true, false].map(|store| FlightKey::gather::<i32>(DIGEST, store));
    let turn = FlightKey::turn::<i32>(DIGEST);
    let keys = [create, gather, only, turn];
    for (i, key) in keys.iter().enumerate() {
        assert_eq!(keys.iter().filter(|other| *other == key).count(), 1, "{i}");
        assert_eq!(key.is_turn(), i == 3);
    }
}

#[test]
fn i4_the_lease_of_a_flight_is_of_its_key_and_its_observation() {
    let name = |digest, version| FlightKey::new::<i32>(digest, &observed(version)).lease_name();
    assert_eq!(name(DIGEST, 1), name(DIGEST, 1));
    assert_ne!(name(DIGEST, 1), name(DIGEST, 2));
    assert_ne!(name(DIGEST, 1), name(OTHER, 1));
    let flights = Arc::<Flights>::default();
    let lead = leads(flights.join(FlightKey::new::<i32>(DIGEST, &observed(1))));
    assert_eq!(lead.lease_name(), name(DIGEST, 1));
}

#[test]
fn flights_are_counted_and_found_while_they_are_under_way() {
    let flights = Arc::<Flights>::default();
    let digests: Vec<_> = (0..100_u128).map(|i| Digest { lookup: i << 72, check: i }).collect();
    let seats: Vec<_> =
        digests.iter().map(|digest| flights.join(FlightKey::turn::<i32>(*digest))).collect();
    assert_eq!(flights.len(), 100);
    assert!(digests.iter().all(|digest| flights.contains(*digest)));
    assert!(!flights.contains(DIGEST));
    assert!(format!("{flights:?}").contains("100"));
    drop(seats);
    assert_eq!(flights.len(), 0);
    assert!(!digests.iter().any(|digest| flights.contains(*digest)));
}
