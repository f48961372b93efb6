//! The requests of one trip to one server, as they are written.

use smallvec::SmallVec;

use super::answers::Cas;
use super::reply::Asked;
use crate::keys::Key;
use crate::life::Ttl;

/// What is asked about an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Want {
    /// Its value.
    Value,
    /// Its value, what to compare with, and how long it lives.
    All,
    /// What to compare with.
    Cas,
}

/// When something is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    Always,
    /// Where there is nothing.
    Absent,
    /// Where nothing has changed since.
    Unchanged(Cas),
}

/// Bytes for the few short requests that most batches have.
const ROOM: usize = 512;

/// Requests in the order in which they are answered.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(super) bytes: Vec<u8>,
    pub(super) asked: SmallVec<[Asked; 16]>,
    /// The opaque token of the first request; the others count on from there.
    pub(super) first: u32,
    /// The connection over which all of it must go.
    pub(super) over: Over,
}

/// Over which connection something must go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    Any,
    /// What is compared is worth something over this one only: after a restart, a server gives the
    /// same numbers to other items.
    This(u64),
    /// Over two at once: over none.
    Torn,
}

impl Batch {
    pub(super) fn new(first: u32) -> Self {
        Self { bytes: Vec::with_capacity(ROOM), asked: SmallVec::new(), first, over: Over::Any }
    }

    pub(super) fn get(&mut self, key: &Key<'_>, want: Want) {
        self.begin(b"mg ", key);
        self.bytes.extend_from_slice(match want {
            Want::Value => b" v",
            Want::All => b" v c t",
            Want::Cas => b" c",
        });
        self.end(Asked::Get);
    }

    pub(super) fn set(&mut self, key: &Key<'_>, value: &[u8], ttl: Ttl, condition: Condition) {
        self.bytes.reserve(key.len() + value.len() + 64);
        self.begin(b"ms ", key);
        self.bytes.push(b' ');
        self.number(value.len());
        self.bytes.extend_from_slice(b" T");
        self.number(ttl.written());
        match condition {
            Condition::Always => {}
            Condition::Absent => self.bytes.extend_from_slice(b" ME"),
            Condition::Unchanged(cas) => self.compare(cas),
        }
        self.end(Asked::Set);
        self.bytes.extend_from_slice(value);
        self.bytes.extend_from_slice(b"\r\n");
    }

    pub(super) fn delete(&mut self, key: &Key<'_>, unchanged: Option<Cas>) {
        self.begin(b"md ", key);
        if let Some(cas) = unchanged {
            self.compare(cas);
        }
        self.end(Asked::Delete);
    }

    fn begin(&mut self, command: &[u8], key: &Key<'_>) {
        self.bytes.extend_from_slice(command);
        key.write(&mut self.bytes);
    }

    fn compare(&mut self, cas: Cas) {
        self.bytes.extend_from_slice(b" C");
        self.number(cas.unique);
        self.over = match self.over {
            Over::Any => Over::This(cas.connection),
            Over::This(other) if other == cas.connection => self.over,
            Over::This(_) | Over::Torn => Over::Torn,
        };
    }

    fn end(&mut self, asked: Asked) {
        let opaque = self.first.wrapping_add(u32::try_from(self.asked.len()).unwrap_or_default());
        self.bytes.extend_from_slice(b" O");
        self.number(opaque);
        self.bytes.extend_from_slice(b"\r\n");
        self.asked.push(asked);
    }

    fn number(&mut self, number: impl itoa::Integer) {
        self.bytes.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use dogpile::secs;

    use super::{Batch, Condition, Over, Want};
    use crate::client::{Cas, Route};
    use crate::keys::Keys;
    use crate::life::Ttl;

    #[test]
    fn requests_are_written_as_memcached_reads_them() {
        let keys = Keys::new("p", Route::new(["one"]));
        let key = keys.entry("k").unwrap();
        let mut batch = Batch::new(u32::MAX);
        let cas = Cas { unique: 7, connection: 3 };
        batch.get(&key, Want::Value);
        batch.get(&key, Want::All);
        batch.get(&key, Want::Cas);
        batch.set(&key, b"a\r\nb", Ttl::FOREVER, Condition::Always);
        batch.set(&key, b"", Ttl::at_least(secs(1)), Condition::Absent);
        batch.set(&key, b"v", Ttl::finite(secs(9)), Condition::Unchanged(cas));
        batch.delete(&key, None);
        batch.delete(&key, Some(cas));
        let written = "mg p:e:k v O4294967295\r\nmg p:e:k v c t O0\r\nmg p:e:k c O1\r\n\
                       ms p:e:k 4 T0 O2\r\na\r\nb\r\nms p:e:k 0 T2 ME O3\r\n\r\n\
                       ms p:e:k 1 T10 C7 O4\r\nv\r\nmd p:e:k O5\r\nmd p:e:k C7 O6\r\n";
        assert_eq!(String::from_utf8_lossy(&batch.bytes), written);
        assert_eq!(batch.asked.len(), 8);
    }

    #[test]
    fn what_was_read_over_two_connections_is_never_compared_over_one() {
        let keys = Keys::new("p", Route::new(["one"]));
        let key = keys.entry("k").unwrap();
        let mut batch = Batch::new(0);
        batch.get(&key, Want::All);
        assert_eq!(batch.over, Over::Any);
        for (connection, over) in
            [(3, Over::This(3)), (3, Over::This(3)), (4, Over::Torn), (3, Over::Torn)]
        {
            batch.delete(&key, Some(Cas { unique: 7, connection }));
            assert_eq!(batch.over, over);
        }
    }
}
