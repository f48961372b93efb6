//! What came back from a trip.

use bytes::Bytes;
use dogpile::Result;
use smallvec::SmallVec;

use super::reply::Reply;
use crate::error::{no_compare, refused, unexpected};
use crate::life::Ttl;

/// What an item was at one moment, over one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cas {
    pub(super) unique: u64,
    pub(super) connection: u64,
}

/// An item that is there.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// Its value; `None` where that was not asked for, or is larger than anything of ours.
    pub(crate) value: Option<Bytes>,
    cas: Option<Cas>,
    /// How long it will live.
    pub(crate) left: Ttl,
    operation: &'static str,
}

impl Item {
    /// What to compare with.
    pub(crate) fn cas(&self) -> Result<Cas> {
        self.cas.ok_or_else(|| no_compare(self.operation))
    }
}

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    /// Its condition does not hold.
    Not,
    /// It is larger than the server takes.
    TooLarge,
}

/// The replies of one server.
#[derive(Debug)]
pub(super) struct Replies {
    pub(super) replies: std::vec::IntoIter<Reply>,
    pub(super) connection: u64,
}

/// The answers of all servers, in the order of the questions.
#[derive(Debug)]
pub(crate) struct Answers {
    operation: &'static str,
    /// By server; `None` where nothing was asked.
    replies: SmallVec<[Option<Replies>; 1]>,
    /// The server of each question.
    order: smallvec::IntoIter<[usize; 16]>,
}

impl Answers {
    pub(super) fn new(
        operation: &'static str,
        replies: SmallVec<[Option<Replies>; 1]>,
        order: SmallVec<[usize; 16]>,
    ) -> Self {
        Self { operation, replies, order: order.into_iter() }
    }

    /// The answer to a `get`; `None` where there is nothing.
    pub(crate) fn item(&mut self) -> Result<Option<Item>> {
        let operation = self.operation;
        match self.next() {
            Some((Reply::Absent, _)) => Ok(None),
            Some((Reply::Item(found), connection)) => Ok(Some(Item {
                value: found.value,
                cas: found.unique.map(|unique| Cas { unique, connection }),
                left: found.left.map_or(Ttl::FOREVER, Ttl::left),
                operation,
            })),
            Some((Reply::Refused, _)) => Err(refused(operation)),
            _ => Err(unexpected(operation)),
        }
    }

    /// The answer to a `set` or a `delete`.
    pub(crate) fn outcome(&mut self) -> Result<Outcome> {
        match self.next() {
            Some((Reply::Done, _)) => Ok(Outcome::Done),
            Some((Reply::Absent | Reply::Unmet, _)) => Ok(Outcome::Not),
            Some((Reply::TooLarge, _)) => Ok(Outcome::TooLarge),
            Some((Reply::Refused, _)) => Err(refused(self.operation)),
            _ => Err(unexpected(self.operation)),
        }
    }

    fn next(&mut self) -> Option<(Reply, u64)> {
        let server = self.order.next()?;
        let replies = self.replies.get_mut(server)?.as_mut()?;
        Some((replies.replies.next()?, replies.connection))
    }
}
