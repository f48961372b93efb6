//! What to start, and how.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::services::account::Account;

/// The script that stands between a test and its server.
const SUPERVISOR: &str = include_str!("supervise.sh");

/// A server to start.
#[derive(Debug)]
pub(in crate::services) struct Launch {
    /// The server's name, for messages and file names.
    pub(in crate::services) service: &'static str,
    /// The program.
    pub(in crate::services) program: PathBuf,
    /// Its arguments.
    pub(in crate::services) arguments: Vec<OsString>,
    /// The signal that makes it end at once.
    pub(in crate::services) stop_signal: &'static str,
    /// Who runs it.
    pub(in crate::services) account: Account,
    /// Its folder, removed after it.
    pub(in crate::services) folder: TempDir,
}

impl Launch {
    /// Starts the supervisor, which starts the server. Both write to `log`.
    pub(super) fn supervisor(&self, log: File) -> io::Result<Child> {
        let mut command = Command::new("sh");
        command.args(["-c", SUPERVISOR, "supervise", self.stop_signal]).arg(self.folder.path());
        command.arg(&self.program).args(&self.arguments).current_dir(self.folder.path());
        command.stdin(Stdio::piped()).stdout(log.try_clone()?).stderr(log);
        // A group of its own: Ctrl-C and a runner's time limit signal the group of the test, and
        // the supervisor must live on to end the server.
        command.process_group(0);
        self.account.run(&mut command);
        command.spawn()
    }
}
