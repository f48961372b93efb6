//! What names are called on the server.
//!
//! `prefix:e:{.NAME}` for an entry, `prefix:r:NAME` for a register, `prefix:l:{.NAME}:REST` for a
//! lease, `prefix:g:{.NAME}` for what guards an entry whose lease is elsewhere, `prefix:m:DATABASE` for
//! the number of the last message, and for the channel that messages go by: channels are the same ones
//! in all databases. A cluster puts what stands in the braces of two keys in one place: there the lease that a
//! region takes on an entry (the entry's name, a colon, sixteen digits) lies beside the entry, so that
//! one script can check the one and write the other. The dot keeps the braces from being empty, which
//! would mean nothing.

use std::fmt;
use std::sync::Arc;

use redis::{RedisWrite, ToRedisArgs};

const REGISTER: char = 'r';

/// The keys of one namespace.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    prefix: Arc<str>,
    database: Arc<str>,
}

/// One key; written into a command without being put together first.
#[derive(Clone, Copy)]
pub(crate) struct Key<'a> {
    prefix: &'a str,
    space: char,
    name: Name<'a>,
}

#[derive(Clone, Copy)]
enum Name<'a> {
    Plain(&'a str),
    /// What decides the place, and what follows.
    Placed(&'a str, &'a str),
}

impl Keys {
    pub(crate) fn new(prefix: &str, database: i64) -> Self {
        Self { prefix: prefix.into(), database: database.to_string().into() }
    }

    pub(crate) fn entry<'a>(&'a self, name: &'a str) -> Key<'a> {
        self.key('e', Name::Placed(name, ""))
    }

    pub(crate) fn register<'a>(&'a self, name: &'a str) -> Key<'a> {
        self.key(REGISTER, Name::Plain(name))
    }

    pub(crate) fn lease<'a>(&'a self, name: &'a str) -> Key<'a> {
        let (entry, rest) = entry_of(name);
        self.key('l', Name::Placed(entry, rest))
    }

    /// Who is about to store an entry, where its lease is elsewhere.
    pub(crate) fn guard<'a>(&'a self, name: &'a str) -> Key<'a> {
        self.key('g', Name::Placed(name, ""))
    }

    /// The channel that tells which registers have moved, and the number of its last message.
    pub(crate) fn moved(&self) -> Key<'_> {
        self.key('m', Name::Plain(&self.database))
    }

    fn key<'a>(&'a self, space: char, name: Name<'a>) -> Key<'a> {
        Key { prefix: &self.prefix, space, name }
    }
}

impl Key<'_> {
    pub(crate) const fn is_register(&self) -> bool {
        self.space == REGISTER
    }
}

/// The entry that a lease is about by its name, and the rest of the name.
fn entry_of(lease: &str) -> (&str, &str) {
    const REST: usize = 17;
    let at = lease.len().saturating_sub(REST);
    match lease.split_at_checked(at) {
        Some((entry, rest)) if is_digits(rest) => (entry, rest),
        _ => (lease, ""),
    }
}

fn is_digits(rest: &str) -> bool {
    let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    rest.strip_prefix(':').is_some_and(|digits| digits.len() == 16 && digits.bytes().all(hex))
}

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { prefix, space, name } = self;
        match name {
            Name::Plain(name) => write!(f, "{prefix}:{space}:{name}"),
            Name::Placed(name, rest) => write!(f, "{prefix}:{space}:{{.{name}}}{rest}"),
        }
    }
}

impl ToRedisArgs for Key<'_> {
    fn write_redis_args<W: ?Sized + RedisWrite>(&self, out: &mut W) {
        out.write_arg_fmt(self);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::Keys;
    use crate::client::slot;

    const NAMES: [&str; 12] = [
        "",
        "a",
        "}",
        "{",
        "{}",
        "a}b",
        "}a",
        "a:0123456789abcdef",
        ":0123456789abcdef",
        "a}:0123456789abcdef",
        "a:0123456789abcdef:0123456789abcdef",
        "é:0123456789abcdef",
    ];

    #[test]
    fn names_of_three_spaces_are_never_one_key() {
        let keys = Keys::new("dogpile", 0);
        let all = NAMES.iter().flat_map(|name| {
            [keys.entry(name), keys.register(name), keys.lease(name)].map(|key| key.to_string())
        });
        assert_eq!(all.collect::<HashSet<_>>().len(), 3 * NAMES.len());
        assert_eq!(keys.entry("shop:a").to_string(), "dogpile:e:{.shop:a}");
        assert_eq!(keys.register("tag:a").to_string(), "dogpile:r:tag:a");
    }

    #[test]
    fn a_lease_lies_beside_its_entry() {
        let keys = Keys::new("dogpile", 0);
        let slots: HashSet<_> = NAMES
            .map(|name| {
                let entry = slot(keys.entry(name).to_string().as_bytes());
                let lease = format!("{name}:00000000deadbeef");
                assert_eq!(slot(keys.lease(&lease).to_string().as_bytes()), entry, "{name:?}");
                entry
            })
            .into();
        assert!(slots.len() > 5, "names do not spread: {slots:?}");
    }

    #[test]
    fn only_sixteen_digits_after_a_colon_are_taken_for_a_leases_own() {
        let keys = Keys::new("p", 0);
        for name in
            ["a:0123456789abcde", "a:0123456789abcdeg", "a:0123456789ABCDEF", "a0123456789abcdef0"]
        {
            assert_eq!(keys.lease(name).to_string(), format!("p:l:{{.{name}}}"));
        }
    }
}
