//! One connection, shared by all calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{Cmd, Pipeline, RedisError, ServerErrorKind, Value};
use tokio::runtime::Handle;
use tokio::time::Instant;

use super::command::Command;
use super::introduce::{look_again, told};
use super::keeper::Usable;
use super::lineage::Lineage;
use super::mask::Mask;
use crate::error::{Done, Failure};
use crate::keys::Key;

pub(crate) struct Connection {
    shared: MultiplexedConnection,
    /// Set by whoever notices first that it is broken.
    broken: Arc<AtomicBool>,
    silence: Silence,
    runtime: Handle,
    mask: Mask,
    /// When the server said who it is.
    said: Instant,
}

/// How long what a server said of itself is believed.
///
/// A server that goes on running and loses nothing begins a new history when its first replica comes,
/// and when it has had none for an hour: until they ask again, processes that are connected and those
/// that come see other versions. One that was a replica meanwhile, and kept its connections, is found
/// out by the same.
const BELIEVED: Duration = Duration::from_secs(5);

impl Connection {
    /// `silence` is how long calls may stay without an answer before it is given up.
    pub(super) fn new(
        shared: MultiplexedConnection,
        broken: Arc<AtomicBool>,
        silence: Duration,
        mask: Mask,
    ) -> Self {
        let (silence, runtime) = (Silence::new(silence), Handle::current());
        Self { shared, broken, silence, runtime, mask, said: Instant::now() }
    }

    /// Whether it is time to ask the server again who it is.
    pub(super) fn is_due(&self) -> bool {
        self.said.elapsed() >= BELIEVED
    }

    /// The same connection, with what its server says of itself by now.
    pub(super) async fn asked_again(&self, lineage: &Lineage, place: &str) -> Done<Self> {
        let mut shared = self.shared.clone();
        let said = Instant::now();
        let server = look_again(&mut shared).await.map_err(|error| self.failed(error))?;
        let life = server.primary().inspect_err(|_| self.broken.store(true, Ordering::Relaxed))?;
        // One that will not say is not another one for that.
        let mask = life.map_or(self.mask, |life| lineage.met(place, Some(life)));
        let (broken, runtime) = (Arc::clone(&self.broken), self.runtime.clone());
        let silence = Silence::new(self.silence.limit);
        Ok(Self { shared, broken, silence, runtime, mask, said })
    }

    /// The runtime that it lives on.
    pub(super) const fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// The values of keys, as strings or nil.
    pub(super) async fn values<'k>(
        &self,
        keys: impl ExactSizeIterator<Item = Key<'k>> + Clone + Send,
    ) -> Done<Vec<Value>> {
        let mut values = match self.ask(&mget(keys.clone())).await? {
            Value::Array(values) => values,
            Value::ServerError(error) => return Err(Failure::answered(&error)),
            _ => return Err(Failure::unexpected()),
        };
        let registers = values.iter_mut().zip(keys).filter(|(_, key)| key.is_register());
        registers.for_each(|(value, _)| self.mask.lift(value));
        Ok(values)
    }

    async fn ask(&self, cmd: &Cmd) -> Done<Value> {
        let call = self.silence.begin();
        let answer = self.shared.clone().send_packed_command(cmd).await;
        call.ended();
        let answer = answer.map_err(|error| self.failed(error))?;
        self.look_at(&answer);
        Ok(answer)
    }

    /// Several commands in one trip, their answers in order.
    ///
    /// What the server does not know of our scripts (somebody flushed them) it is told, and asked
    /// once more: it has done nothing yet. The `last` commands must come after all others, and are
    /// then run once more as well.
    pub(super) async fn run(&self, commands: &[Command], last: usize) -> Done<Vec<Value>> {
        let mut answers = self.run_masked(commands, last).await?;
        for (command, answer) in commands.iter().zip(&mut answers) {
            command.lift(self.mask, answer);
        }
        Ok(answers)
    }

    async fn run_masked(&self, commands: &[Command], last: usize) -> Done<Vec<Value>> {
        let mut pipeline = Pipeline::with_capacity(commands.len());
        for command in commands {
            pipeline.add_command(command.masked(self.mask));
        }
        let mut answers = self.send(&pipeline).await?;
        let mut unknown: Vec<_> =
            (0..answers.len()).filter(|place| is_unknown_script(&answers[*place])).collect();
        if unknown.is_empty() {
            return Ok(answers);
        }
        let firsts = answers.len().saturating_sub(last);
        unknown.retain(|place| *place < firsts);
        unknown.extend(firsts..answers.len());
        let mut again = told();
        let known = again.len();
        for (place, cmd) in pipeline.cmd_iter().enumerate() {
            if unknown.contains(&place) {
                again.add_command(cmd.clone());
            }
        }
        let more = self.send(&again).await?;
        for (place, answer) in unknown.into_iter().zip(more.into_iter().skip(known)) {
            answers[place] = answer;
        }
        Ok(answers)
    }

    async fn send(&self, commands: &Pipeline) -> Done<Vec<Value>> {
        let asked = commands.len();
        if asked == 0 {
            return Ok(Vec::new());
        }
        let call = self.silence.begin();
        let answers = self.shared.clone().send_packed_commands(commands, 0, asked).await;
        call.ended();
        let answers = answers.map_err(|error| self.failed(error))?;
        if answers.len() != asked {
            return Err(Failure::unexpected());
        }
        answers.iter().for_each(|answer| self.look_at(answer));
        Ok(answers)
    }

    fn failed(&self, error: RedisError) -> Failure {
        // A server that was silent for so long is not waited for twice.
        if error.is_unrecoverable_error() || error.is_io_error() || error.is_timeout() {
            self.broken.store(true, Ordering::Relaxed);
        }
        error.into()
    }

    /// A server that has become a replica keeps its connections: what it answers from now on is old.
    fn look_at(&self, answer: &Value) {
        if let Value::ServerError(error) = answer
            && error.kind() == Some(ServerErrorKind::ReadOnly)
        {
            self.broken.store(true, Ordering::Relaxed);
        }
    }
}

impl Usable for Connection {
    fn is_usable(&self) -> bool {
        !self.broken.load(Ordering::Relaxed) && !self.silence.is_too_long()
    }
}

fn mget<'k>(keys: impl ExactSizeIterator<Item = Key<'k>>) -> Cmd {
    /// What a key takes in a command, at a guess.
    const TYPICAL: usize = 48;
    let mut cmd = Cmd::with_capacity(1 + keys.len(), TYPICAL * keys.len());
    cmd.arg("MGET");
    keys.for_each(|key| {
        cmd.arg(key);
    });
    cmd
}

fn is_unknown_script(answer: &Value) -> bool {
    matches!(answer, Value::ServerError(error) if error.kind() == Some(ServerErrorKind::NoScript))
}

/// Since when calls have gone without an answer.
///
/// A peer that vanished without a word leaves a connection that looks sound for many minutes. The
/// region gives up on each call much sooner, by dropping it: that is all there is to be seen.
struct Silence {
    epoch: Instant,
    /// Milliseconds since `epoch`, plus one; zero: the last call was answered.
    since: AtomicU64,
    limit: Duration,
}

impl Silence {
    fn new(limit: Duration) -> Self {
        Self { epoch: Instant::now(), since: AtomicU64::new(0), limit }
    }

    const fn begin(&self) -> Call<'_> {
        Call(self)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.epoch.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1)
    }

    fn is_too_long(&self) -> bool {
        let since = self.since.load(Ordering::Relaxed);
        since != 0 && u128::from(self.now().saturating_sub(since)) >= self.limit.as_millis()
    }
}

/// A call on its way.
struct Call<'a>(&'a Silence);

impl Call<'_> {
    fn ended(self) {
        // Only written where it changes: all calls share it.
        if self.0.since.load(Ordering::Relaxed) != 0 {
            self.0.since.store(0, Ordering::Relaxed);
        }
        std::mem::forget(self);
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        let now = self.0.now();
        let _ = self.0.since.compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Silence;

    #[test]
    fn silence_is_too_long_only_after_calls_without_an_answer() {
        let never = Silence::new(Duration::MAX);
        let at_once = Silence::new(Duration::ZERO);
        for silence in [&never, &at_once] {
            assert!(!silence.is_too_long(), "nobody has called yet");
            drop(silence.begin());
        }
        assert!(at_once.is_too_long());
        assert!(!never.is_too_long());
        at_once.begin().ended();
        assert!(!at_once.is_too_long(), "an answer ends the silence");
    }
}
