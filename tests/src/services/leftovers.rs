//! What must not be left of a server after its test.

use std::error::Error as StdError;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::poll::poll;
use super::{Part, Worker};

/// What a test returns.
pub(super) type Proof = std::result::Result<(), Box<dyn StdError>>;

/// How long the rest of a server may take to go.
const LIMIT: Duration = Duration::from_secs(10);

/// Whether the process with that id runs.
pub(super) fn is_alive(process: &str) -> bool {
    let mut command = Command::new("sh");
    command.args(["-c", "kill -0 \"$1\"", "sh", process]).stderr(Stdio::null());
    let status = command.status();
    status.is_ok_and(|status| status.success())
}

/// Waits, at most ten seconds, until nothing of a server is left.
pub(super) fn assert_gone(processes: &[String], folder: &Path) {
    let gone = || !folder.exists() && !processes.iter().any(|process| is_alive(process));
    if poll(LIMIT, || gone().then_some(())).is_some() {
        return;
    }
    let alive: Vec<_> = processes.iter().filter(|process| is_alive(process)).collect();
    panic!("left: processes {alive:?}, folder {}: {}", folder.display(), folder.exists());
}

/// The part of a test that is killed: it holds a server until then.
#[derive(Debug)]
pub(super) struct Holder(Part);

/// Whether this process is the one that is killed.
pub(super) fn hold() -> Option<Holder> {
    Part::of_this_process().map(Holder)
}

impl Holder {
    /// Tells what is held, and waits for the end.
    pub(super) fn hold(self, processes: &[String], folder: &Path) -> Proof {
        self.0.say(&format!("held {}\t{}", processes.join(" "), folder.display()));
        self.0.hear();
        Ok(())
    }
}

/// Runs the test of that name as one that holds a server, kills it, and looks for what is left.
pub(super) fn killed(test: &str) -> Proof {
    let mut worker = Worker::spawn(test, "holder", &[])?;
    let held = worker.expect("held ")?;
    let (processes, folder) = held.split_once('\t').ok_or("nothing is held")?;
    let processes: Vec<_> = processes.split(' ').map(String::from).collect();
    let folder = Path::new(folder);
    assert!(folder.exists() && processes.iter().all(|process| is_alive(process)));
    worker.kill()?;
    assert_gone(&processes, folder);
    Ok(())
}
