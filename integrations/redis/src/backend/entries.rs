//! Reading, storing and removing.

use std::time::Duration;

use dogpile::backend::{Answer, Fence, Put, Stored};
use redis::Value;

use super::{RedisBackend, Store};
use crate::client::Command;
use crate::error::{Done, Failure};
use crate::scripts;
use crate::tags::{self, Register, is_one, string};

impl Store {
    pub(super) async fn read(&self, keys: &[&str], registers: &[&str]) -> Done<Answer> {
        let names = keys.len() + registers.len();
        let keys = (0..names).map(|place| match place.checked_sub(keys.len()) {
            None => self.keys.entry(keys[place]),
            Some(place) => self.keys.register(registers[place]),
        });
        let mut values = self.client.values(keys).await?.into_iter().map(string);
        let entries = values.by_ref().take(names - registers.len()).collect::<Done<_>>()?;
        let mut answer = Answer { entries, ..Answer::default() };
        answer.versions.reserve(registers.len());
        for (place, value) in values.enumerate() {
            let register = Register::read(value?.as_deref());
            answer.versions.push(register.version());
            if register == Register::Tainted {
                answer.tainted.push(place);
            }
        }
        Ok(answer)
    }

    pub(super) async fn store(
        &self,
        puts: &[Put<'_>],
        extend: &[&str],
        life: Duration,
    ) -> Done<Vec<Stored>> {
        let mut commands: Vec<_> = puts.iter().filter_map(|put| self.put(put)).collect();
        let extend = extend.iter().map(|name| tags::extend(self.keys.register(name), life));
        commands.extend(extend);
        let answers = self.client.run(commands).await?;
        let mut answers = answers.iter();
        let mut stored = Vec::with_capacity(puts.len());
        for put in puts {
            stored.push(match (is_too_large(put), put.fence) {
                (true, _) => Stored::TooLarge,
                (false, Some(fence)) if self.is_apart(put, fence) => self.apart(put, fence).await?,
                (false, _) => became(answers.next())?,
            });
        }
        tags::acknowledged(answers.as_slice())?;
        Ok(stored)
    }

    /// The one command that stores an entry, if one is enough.
    fn put(&self, put: &Put<'_>) -> Option<Command> {
        if is_too_large(put) {
            return None;
        }
        let entry = self.keys.entry(put.key);
        let Some(fence) = put.fence else {
            let set = Command::plain("SET", entry).arg(&put.bytes[..]);
            return Some(set.arg("PX").life(put.life));
        };
        let keys = [entry, self.keys.lease(fence.lease)];
        let held = || Command::script(&scripts::STORE_HELD, &keys).token(fence.owner.0);
        (!self.is_apart(put, fence)).then(|| held().arg(&put.bytes[..]).life(put.life))
    }

    /// Whether an entry and the lease that protects it are on different servers: the lease has
    /// another name than a region would give it.
    fn is_apart(&self, put: &Put<'_>, fence: Fence<'_>) -> bool {
        !self.client.are_together(self.keys.entry(put.key), self.keys.lease(fence.lease))
    }

    /// Stores an entry whose lease is elsewhere.
    ///
    /// First the owner is taken down beside the entry, then the lease is looked at, and then the
    /// entry is stored if the owner still stands there: every store takes all owners away. The next
    /// holder of the lease stores after it was lost, so after the second step, and the third then
    /// finds nothing.
    async fn apart(&self, put: &Put<'_>, fence: Fence<'_>) -> Done<Stored> {
        /// The three steps take less, or it does not matter any more.
        const STEPS: Duration = Duration::from_secs(60);
        let owner = fence.owner.0;
        let (entry, guard) = (self.keys.entry(put.key), self.keys.guard(put.key));
        let begin = Command::script(&scripts::GUARD, &[guard]).token(owner).life(STEPS);
        is_one(&self.client.ask(begin).await?)?;
        let lease = Command::plain("GET", self.keys.lease(fence.lease));
        let holder = string(self.client.ask(lease).await?)?;
        if holder.as_deref() != Some(&owner.to_be_bytes()[..]) {
            return Ok(Stored::Fenced);
        }
        let store = Command::script(&scripts::STORE_GUARDED, &[entry, guard]).token(owner);
        became(Some(&self.client.ask(store.arg(&put.bytes[..]).life(put.life)).await?))
    }

    pub(super) async fn remove(&self, keys: &[&str]) -> Done<()> {
        let unlink = |key: &&str| Command::plain("UNLINK", self.keys.entry(key));
        let removed = self.client.run(keys.iter().map(unlink).collect()).await?;
        removed.iter().try_for_each(|answer| is_one(answer).map(drop))
    }
}

fn is_too_large(put: &Put<'_>) -> bool {
    u64::try_from(put.bytes.len()).is_ok_and(|length| length > RedisBackend::MAX_ENTRY)
}

/// What a `SET`, or a script that stores, says.
fn became(answer: Option<&Value>) -> Done<Stored> {
    match answer {
        Some(Value::Okay | Value::Int(1)) => Ok(Stored::Yes),
        Some(Value::Int(0)) => Ok(Stored::Fenced),
        Some(Value::ServerError(error)) => Err(Failure::answered(error)),
        _ => Err(Failure::unexpected()),
    }
}
