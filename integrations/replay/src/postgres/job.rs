//! What is being replayed, between the two ends of a connection.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use sqlx::Postgres;

use super::{columns, types};
use crate::error::Malformed;
use crate::row_set::RowSet;

/// A connection that was told more than that, in bytes, tells the driver of no further types.
const MOST_TAUGHT: usize = 256 << 10;

/// A row set as it is sent.
#[derive(Clone)]
pub(super) struct Job {
    /// The RowDescription.
    pub(super) description: Bytes,
    /// The definitions of the types that the driver has to be told of.
    pub(super) defined: Bytes,
    /// The DataRows.
    pub(super) rows: Bytes,
}

impl Job {
    pub(super) fn of(set: &RowSet<Postgres>) -> Result<Self, Malformed> {
        let (description, defined) = columns::split(&set.columns())?;
        Ok(Self { description, defined, rows: set.cells() })
    }
}

/// What both ends of a connection look at.
#[derive(Clone, Default)]
pub(super) struct Desk(Arc<Mutex<OnDesk>>);

#[derive(Default)]
struct OnDesk {
    job: Option<Job>,
    /// The types that the driver was told of on this connection, by number: their definitions. It
    /// never asks for the same number again.
    taught: HashMap<u32, Box<[u8]>>,
    /// How long they are.
    bytes: usize,
}

/// How a connection stands to the types of a row set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Knows {
    /// The driver knows all of them.
    All,
    /// It has to ask for some.
    Some,
    /// It takes one of the numbers for another type, or was told of too many.
    Other,
}

impl Desk {
    /// What the driver knows of these types.
    pub(super) fn knows(&self, defined: &[u8]) -> Result<Knows, Malformed> {
        if defined.is_empty() {
            return Ok(Knows::All);
        }
        let desk = self.lock();
        let (mut knows, mut bytes) = (Knows::All, desk.bytes);
        for next in types::all(defined) {
            let next = next?;
            match desk.taught.get(&next.oid) {
                Some(known) if **known == *next.bytes => continue,
                Some(_) => return Ok(Knows::Other),
                None => knows = Knows::Some,
            }
            bytes += next.bytes.len();
        }
        let too_many = knows == Knows::Some && desk.bytes > 0 && bytes > MOST_TAUGHT;
        Ok(if too_many { Knows::Other } else { knows })
    }

    /// Puts a job on the desk until what it returns is dropped.
    pub(super) fn put(&self, job: Job) -> OnTop<'_> {
        self.lock().job = Some(job);
        OnTop(self)
    }

    /// What is to be replayed.
    pub(super) fn job(&self) -> Option<Job> {
        self.lock().job.clone()
    }

    /// Keeps in mind that the driver was told of these types.
    pub(super) fn taught(&self, defined: &[u8]) -> Result<(), Malformed> {
        let mut desk = self.lock();
        for next in types::all(defined) {
            let next = next?;
            if desk.taught.insert(next.oid, next.bytes.into()).is_none() {
                desk.bytes += next.bytes.len();
            }
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, OnDesk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes the job off the desk when it is dropped.
pub(super) struct OnTop<'d>(&'d Desk);

impl Drop for OnTop<'_> {
    fn drop(&mut self) {
        let job = self.0.lock().job.take();
        drop(job);
    }
}
