//! What one process saw, line by line.

use std::fmt;
use std::str::FromStr;

use super::truth::Moment;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A read that began at the moment.
    Read,
    /// A write whose COMMIT was over at the moment.
    Committed,
    /// Its invalidation was acknowledged by then.
    Acknowledged,
    /// Its invalidation was not acknowledged, and the process knew so by then.
    Owed,
}

const KINDS: [(Kind, &str); 4] = [
    (Kind::Read, "read"),
    (Kind::Committed, "committed"),
    (Kind::Acknowledged, "acknowledged"),
    (Kind::Owed, "owed"),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) kind: Kind,
    pub(super) row: i64,
    pub(super) version: i64,
    pub(super) moment: Moment,
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, row, version, moment: Moment { order, micros } } = self;
        let (_, name) = KINDS.iter().find(|(known, _)| known == kind).ok_or(fmt::Error)?;
        writeln!(f, "{name} {row} {version} {order} {micros}")
    }
}

impl FromStr for Record {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let wrong = || format!("this is no record: {line}");
        let mut words = line.split(' ');
        let name = words.next().ok_or_else(wrong)?;
        let (kind, _) = KINDS.iter().find(|(_, known)| *known == name).ok_or_else(wrong)?;
        let numbers: Vec<i64> =
            words.map(str::parse).collect::<Result<_, _>>().map_err(|_| wrong())?;
        let [row, version, order, micros] = numbers[..] else { return Err(wrong()) };
        Ok(Self { kind: *kind, row, version, moment: Moment { order, micros } })
    }
}
