//! Which server a name is on: rendezvous hashing.
//!
//! Each server gives each name a weight, and the heaviest has it. A server that is added takes its
//! share from all others alike, and no name moves between two that stay. The order in which the
//! servers are named does not matter; how each is spelled does.

use std::hash::Hasher;

use siphasher::sip::SipHasher13;
use siphasher::sip128::{Hasher128, SipHasher13 as SipHasher128};

/// The servers of a client, as what decides about names.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    /// The key of each server's own hash.
    seeds: Box<[(u64, u64)]>,
}

impl Route {
    /// Routes to the places in this list; the same list in another order routes to other places,
    /// but to the same servers.
    pub(crate) fn new<'a>(servers: impl IntoIterator<Item = &'a str>) -> Self {
        Self { seeds: servers.into_iter().map(seed).collect() }
    }

    /// The place of the server that has `name`.
    pub(crate) fn of(&self, name: &str) -> usize {
        if self.seeds.len() == 1 {
            return 0;
        }
        let weighed =
            self.seeds.iter().enumerate().map(|(place, seed)| (weight(*seed, name), place));
        weighed.max().map_or(0, |(_, place)| place)
    }
}

fn seed(server: &str) -> (u64, u64) {
    let mut hash = SipHasher128::new();
    hash.write(server.as_bytes());
    let hash = hash.finish128();
    (hash.h1, hash.h2)
}

fn weight((k0, k1): (u64, u64), name: &str) -> u64 {
    let mut hash = SipHasher13::new_with_keys(k0, k1);
    hash.write(name.as_bytes());
    hash.finish()
}

#[cfg(test)]
mod tests {
    use super::Route;

    const NAMES: usize = 10_000;

    fn servers(n: usize) -> Vec<String> {
        (0..n).map(|n| format!("cache{n}.example:11211")).collect()
    }

    /// The server of each name.
    fn routed(servers: &[String]) -> Vec<&str> {
        let route = Route::new(servers.iter().map(String::as_str));
        (0..NAMES).map(|n| servers[route.of(&format!("shop:{n}"))].as_str()).collect()
    }

    #[test]
    fn names_spread_evenly() {
        let servers = servers(5);
        let routed = routed(&servers);
        for server in &servers {
            let share = routed.iter().filter(|other| **other == server).count();
            assert!((1_800..2_200).contains(&share), "{server} has {share} of {NAMES}");
        }
    }

    #[test]
    fn a_server_that_is_added_takes_its_share_and_moves_nothing_else() {
        let (four, five) = (servers(4), servers(5));
        let (before, after) = (routed(&four), routed(&five));
        let moved: Vec<_> = before.iter().zip(&after).filter(|(a, b)| a != b).collect();
        assert!(moved.iter().all(|(_, after)| **after == five[4]), "a name moved to an old server");
        assert!((1_800..2_200).contains(&moved.len()), "{} of {NAMES} names moved", moved.len());
    }

    #[test]
    fn the_order_of_the_servers_does_not_matter() {
        let servers = servers(5);
        let reversed: Vec<_> = servers.iter().rev().cloned().collect();
        assert_eq!(routed(&servers), routed(&reversed));
    }

    #[test]
    fn names_stay_where_earlier_versions_of_this_crate_put_them() {
        let route = Route::new(["one:11211", "two:11211", "three:11211"]);
        let places: Vec<_> = (0..16).map(|n| route.of(&format!("shop:{n}"))).collect();
        assert_eq!(places, [1, 2, 1, 1, 0, 2, 0, 1, 0, 0, 0, 1, 1, 2, 0, 1]);
    }
}
