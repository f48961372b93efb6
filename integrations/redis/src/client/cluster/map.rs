//! Which server has which slots.

use std::sync::Arc;

use redis::Value;

use super::super::keeper::Usable;
use super::super::node::Node;
use super::slot::SLOTS;
use crate::config::Address;

/// Which server has which slots, as far as is known.
pub(super) struct Map {
    /// By slot: the place of its server among `nodes`, or one that is none.
    owners: Vec<usize>,
    nodes: Vec<Arc<Node>>,
}

/// A range of slots and the server that has them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Range {
    first: u16,
    last: u16,
    pub(super) primary: Address,
}

impl Map {
    pub(super) fn new(ranges: &[Range], mut node: impl FnMut(&Address) -> Arc<Node>) -> Self {
        let mut owners = vec![usize::MAX; usize::from(SLOTS)];
        let mut addresses: Vec<&Address> = Vec::new();
        for Range { first, last, primary } in ranges {
            let known = addresses.iter().position(|address| *address == primary);
            let place = known.unwrap_or_else(|| {
                addresses.push(primary);
                addresses.len() - 1
            });
            let slots = owners.iter_mut().take(usize::from(*last) + 1).skip(usize::from(*first));
            slots.for_each(|owner| *owner = place);
        }
        Self { owners, nodes: addresses.into_iter().map(&mut node).collect() }
    }

    /// The server of `slot`.
    pub(super) fn owner(&self, slot: u16) -> Option<&Arc<Node>> {
        self.nodes.get(*self.owners.get(usize::from(slot))?)
    }

    pub(super) fn nodes(&self) -> &[Arc<Node>] {
        &self.nodes
    }
}

impl Usable for Map {
    /// One that is out of date leads to a server that says so.
    fn is_usable(&self) -> bool {
        true
    }
}

/// Reads what `CLUSTER SLOTS` answered; `asked` is who did.
pub(super) fn ranges(answer: Value, asked: &Address) -> Option<Vec<Range>> {
    let Value::Array(ranges) = answer else { return None };
    let ranges: Option<Vec<_>> = ranges.into_iter().map(|value| range(value, asked)).collect();
    ranges.filter(|ranges| !ranges.is_empty())
}

fn range(value: Value, asked: &Address) -> Option<Range> {
    let Value::Array(parts) = value else { return None };
    let mut parts = parts.into_iter();
    let first = number(&parts.next()?)?;
    let last = number(&parts.next()?)?;
    let Value::Array(primary) = parts.next()? else { return None };
    let mut primary = primary.into_iter();
    let host = text(primary.next()?);
    // A server that does not know its own name, or was told not to say it.
    let host = host.filter(|host| !host.is_empty() && host != "?");
    let host = host.unwrap_or_else(|| asked.host.clone());
    let primary = Address { host, port: number(&primary.next()?)? };
    (first <= last && last < SLOTS).then_some(Range { first, last, primary })
}

fn number(value: &Value) -> Option<u16> {
    let Value::Int(number) = value else { return None };
    u16::try_from(*number).ok()
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::BulkString(bytes) => String::from_utf8(bytes).ok(),
        Value::SimpleString(text) => Some(text),
        _ => None,
    }
}

/// The server that a redirection names: `slot host:port`.
pub(super) fn redirected(details: &str, asked: &str) -> Option<Address> {
    let (host, port) = details.split_whitespace().nth(1)?.rsplit_once(':')?;
    let host = if host.is_empty() { asked } else { host };
    Some(Address { host: host.to_owned(), port: port.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use redis::Value;

    use super::{Range, ranges, redirected};
    use crate::config::Address;

    fn address(host: &str, port: u16) -> Address {
        Address { host: host.to_owned(), port }
    }

    fn answer(first: i64, last: i64, host: Value, port: i64) -> Value {
        let primary = Value::Array(vec![host, Value::Int(port), Value::Nil, Value::Nil]);
        Value::Array(vec![Value::Int(first), Value::Int(last), primary, Value::Nil])
    }

    #[test]
    fn ranges_are_read_and_nonsense_is_refused() {
        let asked = address("seed", 1);
        let host = |host: &str| Value::BulkString(host.into());
        let good = [
            answer(0, 9, host("one"), 7000),
            answer(10, 16_383, Value::Nil, 7001),
            answer(5, 5, host(""), 7002),
        ];
        let read = ranges(Value::Array(good.into()), &asked);
        let range = |first, last, primary| Range { first, last, primary };
        let expected = vec![
            range(0, 9, address("one", 7000)),
            range(10, 16_383, address("seed", 7001)),
            range(5, 5, address("seed", 7002)),
        ];
        assert_eq!(read, Some(expected));
        for bad in [
            answer(0, 16_384, host("one"), 7000),
            answer(9, 0, host("one"), 7000),
            answer(-1, 0, host("one"), 7000),
            answer(0, 1, host("one"), 70_000),
            Value::Array(Vec::new()),
            Value::Nil,
        ] {
            assert_eq!(ranges(Value::Array(vec![bad]), &asked), None);
        }
        assert_eq!(ranges(Value::Array(Vec::new()), &asked), None, "no slots at all");
    }

    #[test]
    fn redirections_name_their_server() {
        assert_eq!(redirected("1 ten:7000", "x"), Some(address("ten", 7000)));
        assert_eq!(redirected("1 ::1:7000", "x"), Some(address("::1", 7000)));
        assert_eq!(redirected("1 :7000", "x"), Some(address("x", 7000)));
        assert_eq!(redirected("1", "x"), None);
    }
}
