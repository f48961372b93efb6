//! The questions of one operation, asked together.

use dogpile::Result;
use futures_util::future::join_all;
use smallvec::SmallVec;

use super::answers::{Answers, Cas, Replies};
use super::batch::{Batch, Condition, Want};
use super::server::Server;
use crate::keys::Key;
use crate::life::Ttl;

/// Questions to any of the servers. Each is asked what it is asked in one write.
#[derive(Debug)]
pub(crate) struct Trip<'c> {
    servers: &'c [Server],
    operation: &'static str,
    /// By server.
    batches: SmallVec<[Option<Batch>; 1]>,
    order: SmallVec<[usize; 16]>,
}

impl<'c> Trip<'c> {
    pub(super) fn new(servers: &'c [Server], operation: &'static str) -> Self {
        let batches = servers.iter().map(|_| None).collect();
        Self { servers, operation, batches, order: SmallVec::new() }
    }

    pub(crate) fn get(&mut self, key: &Key<'_>, want: Want) {
        self.batch(key).get(key, want);
    }

    pub(crate) fn set(&mut self, key: &Key<'_>, value: &[u8], ttl: Ttl, condition: Condition) {
        self.batch(key).set(key, value, ttl, condition);
    }

    pub(crate) fn delete(&mut self, key: &Key<'_>, unchanged: Option<Cas>) {
        self.batch(key).delete(key, unchanged);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Asks. What one server does is done also where another one fails.
    pub(crate) async fn send(self) -> Result<Answers> {
        let Self { servers, operation, batches, order } = self;
        let mut asked = servers.iter().zip(batches);
        let replies = if servers.len() == 1 {
            // What nearly everybody has needs no list of futures.
            let (server, batch) = asked.next().unzip();
            SmallVec::from_iter([ask(server, batch.flatten(), operation).await?])
        } else {
            let asking = asked.map(|(server, batch)| ask(Some(server), batch, operation));
            join_all(asking).await.into_iter().collect::<Result<_>>()?
        };
        Ok(Answers::new(operation, replies, order))
    }

    fn batch(&mut self, key: &Key<'_>) -> &mut Batch {
        self.order.push(key.server);
        let first = || self.servers[key.server].opaque();
        self.batches[key.server].get_or_insert_with(|| Batch::new(first()))
    }
}

async fn ask(
    server: Option<&Server>,
    batch: Option<Batch>,
    operation: &'static str,
) -> Result<Option<Replies>> {
    let (Some(server), Some(batch)) = (server, batch) else { return Ok(None) };
    let replies = server.ask(batch).await.map_err(|fault| fault.of(server.address(), operation))?;
    Ok(Some(replies))
}
