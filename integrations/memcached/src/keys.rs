//! What names are called on the servers, and on which of them they are.
//!
//! `prefix:e:NAME` for an entry, `prefix:r:NAME` for a register, `prefix:l:NAME` for a lease. The
//! server is chosen by the name alone; the lease that a region takes on an entry (the entry's name,
//! a colon, sixteen digits) lies beside the entry, so that one trip can check the one and write the
//! other.

use dogpile::Result;

use crate::client::Route;
use crate::error::failed;

/// The longest key that memcached takes, in bytes.
const LONGEST: usize = 250;
/// `:e:`
const SPACE: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Space {
    Entry,
    Register,
    Lease,
}

/// The keys of one namespace.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    prefix: Box<str>,
    route: Route,
}

/// One key; written into a request without being put together first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key<'a> {
    prefix: &'a str,
    space: Space,
    name: &'a str,
    /// The place of its server.
    pub(crate) server: usize,
}

impl Keys {
    /// The longest prefix, in bytes: it leaves room for names that tell something.
    pub(crate) const LONGEST_PREFIX: usize = 100;

    pub(crate) fn new(prefix: &str, route: Route) -> Self {
        Self { prefix: prefix.into(), route }
    }

    /// The longest name, in bytes.
    pub(crate) fn max_name(&self) -> usize {
        LONGEST.saturating_sub(self.prefix.len() + SPACE)
    }

    pub(crate) fn entry<'a>(&'a self, name: &'a str) -> Result<Key<'a>> {
        self.key(Space::Entry, name, name)
    }

    pub(crate) fn register<'a>(&'a self, name: &'a str) -> Result<Key<'a>> {
        self.key(Space::Register, name, name)
    }

    pub(crate) fn lease<'a>(&'a self, name: &'a str) -> Result<Key<'a>> {
        self.key(Space::Lease, name, entry_of(name))
    }

    fn key<'a>(&'a self, space: Space, name: &'a str, routed: &str) -> Result<Key<'a>> {
        // What is no name would be read as a command, or as another name.
        if name.len() > self.max_name() || !is_visible(name) {
            let message = "a name is longer than `max_name`, or has other characters than visible \
                           ASCII; fit it with `Capabilities::fit`";
            return Err(failed("name", message));
        }
        Ok(Key { prefix: &self.prefix, space, name, server: self.route.of(routed) })
    }
}

impl Key<'_> {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.prefix.as_bytes());
        out.extend_from_slice(match self.space {
            Space::Entry => b":e:",
            Space::Register => b":r:",
            Space::Lease => b":l:",
        });
        out.extend_from_slice(self.name.as_bytes());
    }

    pub(crate) const fn len(&self) -> usize {
        self.prefix.len() + SPACE + self.name.len()
    }
}

/// Whether a text can be part of a key as it is.
pub(crate) fn is_visible(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The entry that a lease is about by its name.
fn entry_of(lease: &str) -> &str {
    const REST: usize = 17;
    let at = lease.len().saturating_sub(REST);
    match lease.split_at_checked(at) {
        Some((entry, rest)) if is_digits(rest) => entry,
        _ => lease,
    }
}

fn is_digits(rest: &str) -> bool {
    let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    rest.strip_prefix(':').is_some_and(|digits| digits.len() == 16 && digits.bytes().all(hex))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{Keys, entry_of};
    use crate::client::Route;

    fn keys(servers: usize) -> Keys {
        let servers: Vec<_> = (0..servers).map(|n| format!("cache{n}:11211")).collect();
        Keys::new("dogpile", Route::new(servers.iter().map(String::as_str)))
    }

    fn written(key: super::Key<'_>) -> String {
        let mut out = Vec::new();
        key.write(&mut out);
        assert_eq!(out.len(), key.len());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn names_of_three_spaces_are_never_one_key() {
        let keys = keys(1);
        let names = ["", "a", "e:a", ":a", "a:0123456789abcdef", "e", "r", "l:"];
        let all = names.iter().flat_map(|name| {
            [keys.entry(name), keys.register(name), keys.lease(name)]
                .map(|key| written(key.unwrap()))
        });
        assert_eq!(all.collect::<HashSet<_>>().len(), 3 * names.len());
        assert_eq!(written(keys.entry("shop:a").unwrap()), "dogpile:e:shop:a");
    }

    #[test]
    fn the_longest_name_makes_the_longest_key() {
        let keys = keys(1);
        let longest = "n".repeat(keys.max_name());
        assert_eq!(written(keys.lease(&longest).unwrap()).len(), 250);
        assert!(keys.lease(&format!("{longest}n")).is_err());
    }

    #[test]
    fn what_could_be_read_as_a_command_is_no_name() {
        let keys = keys(1);
        for name in ["a b", "a\r\nflush_all\r\n", "a\0", "é", "\u{7f}", " ", "a\t"] {
            let error = keys.entry(name).unwrap_err().to_string();
            assert!(!error.contains("flush_all"), "an error repeats a name");
            assert!(keys.register(name).is_err() && keys.lease(name).is_err());
        }
    }

    #[test]
    fn a_lease_lies_beside_its_entry() {
        let keys = keys(5);
        let mut servers = HashSet::new();
        for n in 0..100 {
            let name = format!("shop:{n}");
            let lease = format!("{name}:00000000deadbeef");
            let server = keys.entry(&name).unwrap().server;
            assert_eq!(keys.lease(&lease).unwrap().server, server);
            servers.insert(server);
        }
        assert_eq!(servers.len(), 5);
    }

    #[test]
    fn only_sixteen_digits_after_a_colon_are_taken_for_a_leases_own() {
        assert_eq!(entry_of("a:0123456789abcdef"), "a");
        assert_eq!(entry_of(":0123456789abcdef"), "");
        for name in ["a:0123456789abcde", "a:0123456789abcdeg", "a:0123456789ABCDEF", "", "a"] {
            assert_eq!(entry_of(name), name);
        }
    }
}
