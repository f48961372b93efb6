//! Telling every process which registers have moved, and hearing of it.
//!
//! Messages of a namespace have one row of numbers, which a script on the server deals out in the
//! same step in which it publishes: they come in order, and a number that is missing is a message that
//! is missing. A subscriber asks for the last number once a second, over the connection that the
//! messages come by. The answer stands behind all messages in the stream, so one that did not come
//! before it was lost; and an answer that does not come says that nothing else does.

mod ear;
mod listen;
mod message;

use std::time::Duration;

use dogpile::backend::Stamp;
use redis::Value;

use crate::backend::Store;
use crate::client::Command;
use crate::error::Done;
use crate::scripts;
use crate::tags::acknowledged;
pub(crate) use listen::Subscriber;
use message::messages;

/// How long a number is remembered that nobody asks for.
const REMEMBERED: Duration = Duration::from_secs(24 * 60 * 60);

impl Store {
    /// Runs commands that move registers, and tells everybody after them. It is an error if that
    /// could not be told, though the registers have moved.
    pub(crate) async fn run_and_tell(
        &self,
        commands: Vec<Command>,
        stamps: &[Stamp<'_>],
    ) -> Done<Vec<Value>> {
        let asked = commands.len();
        let tell = if self.pushes { self.tell(stamps) } else { Vec::new() };
        let mut answers = self.client.run_in_order(commands, tell).await?;
        acknowledged(answers.get(asked..).unwrap_or_default())?;
        answers.truncate(asked);
        Ok(answers)
    }

    fn tell(&self, stamps: &[Stamp<'_>]) -> Vec<Command> {
        let tell = |message: Vec<u8>| {
            let counter = self.keys.moved();
            let command = Command::script(&scripts::TELL, &[counter]).life(REMEMBERED);
            command.arg(counter).arg(message)
        };
        messages(stamps.iter().map(|stamp| stamp.register)).into_iter().map(tell).collect()
    }

    /// Asks for the number of the last message.
    fn beat(&self) -> Command {
        Command::script(&scripts::BEAT, &[self.keys.moved()]).life(REMEMBERED)
    }
}
