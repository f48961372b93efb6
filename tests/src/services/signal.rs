//! Signals to a process.

use std::fs;
use std::io;
use std::process::Command;
use std::time::Duration;

use super::poll::poll;
use super::{Error, Result};

/// How long a process may take to stop. It has no say in the matter, so this is the kernel's time.
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// What to do to a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    /// End it, without a word to it.
    Kill,
    /// Freeze it: its connections stay, and nothing answers on them.
    Stop,
    /// Let a frozen one go on.
    Continue,
}

impl Signal {
    /// Sends it. Returns after a stopped process has come to rest.
    pub(super) fn send(self, process: u32) -> Result<()> {
        let mut command = Command::new("sh");
        command.args(["-c", "kill -s \"$0\" \"$1\"", self.name(), &process.to_string()]);
        let output = command.output().map_err(Error::io("run `sh`"))?;
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(Error::Preparation {
                program: "kill",
                status: output.status,
                output: text,
            });
        }
        if self != Self::Stop || poll(STOP_LIMIT, || is_at_rest(process).then_some(())).is_some() {
            return Ok(());
        }
        Err(Error::io(format!("stop the process {process}"))(io::ErrorKind::TimedOut.into()))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Kill => "KILL",
            Self::Stop => "STOP",
            Self::Continue => "CONT",
        }
    }
}

/// Whether a process is gone, or would be if its parent looked. Where there is no `/proc` to tell, the
/// answer is yes.
pub(super) fn is_gone(process: u32) -> bool {
    let Ok(status) = fs::read_to_string(format!("/proc/{process}/stat")) else { return true };
    matches!(state(&status), Some('Z' | 'X'))
}

/// Whether every thread of a process is stopped, or gone. Where there is no `/proc` to tell, the
/// answer is yes.
fn is_at_rest(process: u32) -> bool {
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    threads
        .filter_map(|thread| fs::read_to_string(thread.path().join("stat")).ok())
        .all(|status| matches!(state(&status), Some('T' | 'Z' | 'X')))
}

/// The children of a process; none where there is no `/proc` to tell them.
pub(super) fn children(process: u32) -> Vec<u32> {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let is_child = |child: &u32| {
        let status = fs::read_to_string(format!("/proc/{child}/stat"));
        status.is_ok_and(|status| parent(&status) == Some(process))
    };
    all.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(is_child).collect()
}

/// The state in a line of `/proc/*/stat`: the first thing after the name, which may be anything.
fn state(status: &str) -> Option<char> {
    let (_, rest) = status.rsplit_once(") ")?;
    rest.chars().next()
}

/// The parent in such a line: the second thing.
fn parent(status: &str) -> Option<u32> {
    let (_, rest) = status.rsplit_once(") ")?;
    rest.split(' ').nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_stands_after_a_name_of_any_kind() {
        assert_eq!(state("12 (redis) T 1"), Some('T'));
        assert_eq!(state("12 (a) T b) S 1"), Some('S'));
        assert_eq!(state(""), None);
        assert_eq!(parent("12 (a) T b) S 1 7"), Some(1));
    }

    #[test]
    fn a_child_is_one_until_it_is_gone() -> Result<()> {
        let spawned = Command::new("sleep").arg("60").spawn();
        let mut child = spawned.map_err(Error::io("start `sleep`"))?;
        if cfg!(target_os = "linux") {
            assert!(children(std::process::id()).contains(&child.id()) && !is_gone(child.id()));
        }
        Signal::Kill.send(child.id())?;
        child.wait().map_err(Error::io("wait for `sleep`"))?;
        assert!(is_gone(child.id()) && !children(std::process::id()).contains(&child.id()));
        Ok(())
    }

    #[test]
    fn a_process_stops_goes_on_and_dies() -> Result<()> {
        let spawned = Command::new("sleep").arg("60").spawn();
        let mut child = spawned.map_err(Error::io("start `sleep`"))?;
        assert!(!is_at_rest(child.id()));
        Signal::Stop.send(child.id())?;
        assert!(is_at_rest(child.id()));
        Signal::Continue.send(child.id())?;
        assert!(poll(STOP_LIMIT, || (!is_at_rest(child.id())).then_some(())).is_some());
        Signal::Kill.send(child.id())?;
        let status = child.wait().map_err(Error::io("wait for `sleep`"))?;
        assert!(!status.success());
        assert!(Signal::Kill.send(child.id()).is_err());
        Ok(())
    }
}
