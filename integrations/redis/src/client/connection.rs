//! One connection, shared by all calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{Cmd, Pipeline, RedisError, ServerErrorKind, Value};
use tokio::runtime::Handle;
use tokio::time::Instant;

use super::keeper::Usable;
use crate::error::{Done, Failure};
use crate::scripts;

pub(crate) struct Connection {
    shared: MultiplexedConnection,
    /// Set by whoever notices first that it is broken.
    broken: Arc<AtomicBool>,
    silence: Silence,
    runtime: Handle,
}

impl Connection {
    /// `silence` is how long calls may stay without an answer before it is given up.
    pub(super) fn new(
        shared: MultiplexedConnection,
        broken: Arc<AtomicBool>,
        silence: Duration,
    ) -> Self {
        Self { shared, broken, silence: Silence::new(silence), runtime: Handle::current() }
    }

    /// The runtime that it lives on.
    pub(super) const fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// One command, one answer.
    pub(super) async fn ask(&self, cmd: &Cmd) -> Done<Value> {
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
    pub(super) async fn run(&self, commands: &Pipeline, last: usize) -> Done<Vec<Value>> {
        let mut answers = self.send(commands).await?;
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
        for (place, cmd) in commands.cmd_iter().enumerate() {
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

/// Tells a server all scripts.
pub(super) fn told() -> Pipeline {
    let mut pipeline = Pipeline::new();
    for text in scripts::texts() {
        pipeline.cmd("SCRIPT").arg("LOAD").arg(text);
    }
    pipeline
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
