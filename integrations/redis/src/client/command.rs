//! One command, and where its key stands in it.

use std::time::Duration;

use dogpile::backend::TagVersion;
use redis::{Arg, Cmd, Script, ToRedisArgs, Value};

use super::mask::Mask;
use super::slot;
use crate::keys::Key;

/// A command about the keys of one slot.
#[derive(Clone)]
pub(crate) struct Command {
    cmd: Cmd,
    /// The place of the first key among the arguments.
    key: usize,
    /// The last argument, which depends on the server that the command goes to.
    version: Option<u128>,
    /// Whether it is answered with a register.
    shows: bool,
}

impl Command {
    /// `NAME`, about no key.
    pub(super) fn bare(name: &'static str) -> Self {
        Self { cmd: redis::cmd(name), key: 0, version: None, shows: false }
    }

    /// `NAME key`.
    pub(crate) fn plain(name: &'static str, key: Key<'_>) -> Self {
        let mut cmd = redis::cmd(name);
        cmd.arg(key);
        Self { cmd, key: 1, version: None, shows: false }
    }

    /// `GET key`.
    pub(super) fn get(key: Key<'_>) -> Self {
        Self { shows: key.is_register(), ..Self::plain("GET", key) }
    }

    /// `EVALSHA script keys`.
    pub(crate) fn script(script: &Script, keys: &[Key<'_>]) -> Self {
        let mut cmd = redis::cmd("EVALSHA");
        cmd.arg(script.get_hash()).arg(keys.len());
        for key in keys {
            cmd.arg(*key);
        }
        Self { cmd, key: 3, version: None, shows: false }
    }

    pub(crate) fn arg(mut self, arg: impl ToRedisArgs) -> Self {
        self.cmd.arg(arg);
        self
    }

    /// A writer or an owner.
    pub(crate) fn token(self, token: u128) -> Self {
        self.arg(&token.to_be_bytes()[..])
    }

    /// A version; it comes after all other arguments.
    pub(crate) const fn version(mut self, version: TagVersion) -> Self {
        self.version = Some(version.0);
        self
    }

    /// It is answered with a register.
    pub(crate) const fn shows_register(mut self) -> Self {
        self.shows = true;
        self
    }

    /// A life, in milliseconds.
    pub(crate) fn life(self, life: Duration) -> Self {
        self.arg(millis(life))
    }

    /// The slot of its keys in a cluster.
    pub(super) fn slot(&self) -> u16 {
        match self.cmd.args_iter().nth(self.key) {
            Some(Arg::Simple(key)) => slot(key),
            _ => 0,
        }
    }

    /// As it is sent to a server with this mask.
    pub(super) fn masked(&self, mask: Mask) -> Cmd {
        let mut cmd = self.cmd.clone();
        if let Some(version) = self.version {
            cmd.arg(&mask.on(version)[..]);
        }
        cmd
    }

    /// The answer as it is meant, of a server with this mask.
    pub(super) fn lift(&self, mask: Mask, answer: &mut Value) {
        if self.shows {
            mask.lift(answer);
        }
    }

    /// One that tells no version.
    pub(crate) fn into_cmd(self) -> Cmd {
        self.cmd
    }
}

/// A life as the server takes it: in milliseconds, rounded up, at least one, at most a few thousand
/// years. What is longer overflows when the server adds its clock to it.
fn millis(life: Duration) -> u64 {
    const LONGEST: u128 = 100_000_000_000_000;
    let millis = life.as_nanos().div_ceil(1_000_000).clamp(1, LONGEST);
    u64::try_from(millis).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::millis;

    #[test]
    fn lives_are_rounded_up_and_never_zero_or_for_ever() {
        let millis = |nanos| millis(Duration::from_nanos(nanos));
        assert_eq!([0, 1, 1_000_000, 1_000_001].map(millis), [1, 1, 1, 2]);
        assert_eq!(super::millis(Duration::MAX), 100_000_000_000_000);
    }
}
