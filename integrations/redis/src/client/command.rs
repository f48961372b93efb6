//! One command, and where its key stands in it.

use std::time::Duration;

use redis::{Arg, Cmd, Script, ToRedisArgs};

use super::slot;
use crate::keys::Key;

/// A command about the keys of one slot.
pub(crate) struct Command {
    cmd: Cmd,
    /// The place of the first key among the arguments.
    key: usize,
}

impl Command {
    /// `NAME key`.
    pub(crate) fn plain(name: &'static str, key: Key<'_>) -> Self {
        let mut cmd = redis::cmd(name);
        cmd.arg(key);
        Self { cmd, key: 1 }
    }

    /// `EVALSHA script keys`.
    pub(crate) fn script(script: &Script, keys: &[Key<'_>]) -> Self {
        let mut cmd = redis::cmd("EVALSHA");
        cmd.arg(script.get_hash()).arg(keys.len());
        for key in keys {
            cmd.arg(*key);
        }
        Self { cmd, key: 3 }
    }

    pub(crate) fn arg(mut self, arg: impl ToRedisArgs) -> Self {
        self.cmd.arg(arg);
        self
    }

    /// A version, a writer or an owner.
    pub(crate) fn token(self, token: u128) -> Self {
        self.arg(&token.to_be_bytes()[..])
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
