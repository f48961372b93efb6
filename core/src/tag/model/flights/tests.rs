//! Flights and leases: what holds, and what keying by the key alone breaks.

use super::super::properties::Broken::{OldFlight, OldLease, OldValue, StaleSet, TwoFlights};
use super::super::search::{explore, shortest};
use super::{Design, Flights};

const ONE_WRITER: Flights = Flights {
    design: Design::KeyAndObservation,
    processes: 2,
    readers: 3,
    writers: 1,
    drops: 1,
    expiries: 1,
};

#[test]
fn i4_no_reader_joins_a_flight_older_than_its_own_write_holds() {
    let found = explore(&Flights { processes: 1, ..ONE_WRITER });
    found.assert_holds(&["hits", "joins", "stores and shares", "is dropped"]);
    let two_writers = Flights { processes: 1, readers: 2, writers: 2, ..ONE_WRITER };
    explore(&two_writers).assert_holds(&["hits", "joins"]);
}

#[test]
fn i4_no_reader_waits_for_a_lease_older_than_its_own_write_holds() {
    for processes in [2, 3] {
        let found = explore(&Flights { processes, ..ONE_WRITER });
        found.assert_holds(&["waits for the lease", "finds it stored and shares"]);
        found.assert_holds(&["loses its lease", "finds nothing stored"]);
    }
}

#[test]
fn i4_mutant_flight_keyed_by_key_alone_is_caught() {
    let model = Flights { design: Design::FlightByKey, processes: 1, ..ONE_WRITER };
    assert_eq!(
        shortest(&model, OldFlight).as_deref(),
        Some("R0 misses; R0 leads; W0 commits; W0 bumps; W0 is acknowledged; R1 misses; R1 joins")
    );
    assert_eq!(
        shortest(&model, OldValue).as_deref(),
        Some(
            "R0 misses; R0 leads; R0 takes the lease; R0 starts query; R0 reads database; \
            W0 commits; W0 bumps; W0 is acknowledged; R1 misses; R1 joins; R0 stores and shares"
        )
    );
    assert!(shortest(&model, StaleSet).is_some());
}

/// It only makes the reader wait (what it then reads is judged by its tags), but it waits for a
/// load that cannot help it.
#[test]
fn i4_mutant_lease_keyed_by_key_alone_is_caught() {
    let model = Flights { design: Design::LeaseByKey, ..ONE_WRITER };
    assert_eq!(
        shortest(&model, OldLease).as_deref(),
        Some(
            "R0 misses; R0 leads; R0 takes the lease; W0 commits; W0 bumps; W0 is acknowledged; \
            R1 misses; R1 leads; R1 waits for the lease"
        )
    );
    assert_eq!(shortest(&model, OldValue), None);
}

#[test]
fn i3_mutant_look_then_lead_is_caught() {
    let model = Flights { design: Design::LookThenLead, processes: 1, ..ONE_WRITER };
    assert_eq!(
        shortest(&model, TwoFlights).as_deref(),
        Some("R0 misses; R0 finds no flight; R1 misses; R1 finds no flight; R0 leads; R1 leads")
    );
}
