//! A test of several processes.

mod part;
#[cfg(test)]
mod tests;

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

pub use self::part::Part;
use super::signal::Signal;
use super::{Error, Result};

/// How long a worker may take to say something or to end.
const LIMIT: Duration = Duration::from_secs(60);

/// Another process that plays a part in a test: the test itself, run once more. Killed when this
/// is dropped, and gone when the test's process is, however that ends.
///
/// The test asks first whether it is the worker, and plays its part if so. The two talk in lines,
/// and block their threads while they listen:
///
/// ```no_run
/// use dogpile_tests::services::{Part, Result, Worker};
///
/// // A test.
/// fn two_processes_share_an_entry() -> Result<()> {
///     if let Some(part) = Part::of_this_process() {
///         // In the worker: `part.role()` is "reader", `part.arguments()` the URL.
///         loop {
///             part.say(&format!("read {}", part.hear()));
///         }
///     }
///     let mut worker = Worker::spawn("two_processes_share_an_entry", "reader", &["redis://"])?;
///     worker.send("cakes")?;
///     assert_eq!(worker.expect("read ")?, "cakes");
///     Ok(())
/// }
/// ```
#[derive(Debug)]
pub struct Worker {
    role: String,
    child: Child,
    input: ChildStdin,
    said: Receiver<String>,
}

impl Worker {
    /// Runs the test `test_name` once more, in another process and in that role.
    ///
    /// The name is the one that the runner prints, with its modules: `races::two_processes`.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when the process cannot be started. A name that no test has shows only when
    /// something is expected of the worker.
    pub fn spawn(test_name: &str, role: &str, arguments: &[&str]) -> Result<Self> {
        let failed = || Error::io(format!("start the worker `{role}`"));
        let program = std::env::current_exe().map_err(failed())?;
        let mut command = Command::new(program);
        command.args(["--exact", test_name, "--nocapture"]);
        part::assign(&mut command, role, arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(failed())?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (input, output) =
            pipes.ok_or_else(|| failed()(std::io::ErrorKind::BrokenPipe.into()))?;
        Ok(Self { role: role.into(), child, input, said: listen(output) })
    }

    /// The worker's process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends the worker a line, which it gets from [`Part::hear`].
    ///
    /// # Errors
    ///
    /// [`Error::Worker`] when it is gone.
    ///
    /// # Panics
    ///
    /// When there is a line break in the line.
    pub fn send(&mut self, line: &str) -> Result<()> {
        part::assert_one_line(line);
        let sent = self.input.write_all(format!("{line}\n").as_bytes());
        sent.map_err(|error| self.failure("listen", error.to_string()))
    }

    /// Blocks until the worker says its next line, and returns what follows `prefix` in it.
    ///
    /// Only what it says with [`Part::say`] counts; whatever else it prints is passed over.
    ///
    /// # Errors
    ///
    /// [`Error::Worker`] when it says something else, ends, or is silent for a minute.
    pub fn expect(&mut self, prefix: &str) -> Result<String> {
        let instead = match self.said.recv_timeout(LIMIT) {
            Ok(line) => match line.strip_prefix(prefix) {
                Some(rest) => return Ok(rest.into()),
                None => format!("said `{line}`"),
            },
            Err(RecvTimeoutError::Timeout) => format!("was silent for {LIMIT:?}"),
            Err(RecvTimeoutError::Disconnected) => {
                String::from("ended; has the test the name it was given, and did it fail?")
            }
        };
        Err(self.failure(&format!("say `{prefix}`"), instead))
    }

    /// Kills the worker with SIGKILL and waits until it is gone. A second time does nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when it cannot be killed.
    pub fn kill(&mut self) -> Result<()> {
        let killed = self.child.kill().and_then(|()| self.child.wait());
        killed.map(drop).map_err(Error::io(format!("kill the worker `{}`", self.role)))
    }

    /// Freezes the worker with SIGSTOP. Its connections stay open.
    ///
    /// # Errors
    ///
    /// [`Error::Worker`] when it has ended, and others when the signal cannot be sent.
    pub fn pause(&mut self) -> Result<()> {
        self.signal(Signal::Stop)
    }

    /// Lets a paused worker go on.
    ///
    /// # Errors
    ///
    /// [`Error::Worker`] when it has ended, and others when the signal cannot be sent.
    pub fn resume(&mut self) -> Result<()> {
        self.signal(Signal::Continue)
    }

    /// Blocks until the worker ends by itself. Its test has failed unless that is a success.
    ///
    /// # Errors
    ///
    /// [`Error::Worker`] when it says something more, or does not end within a minute.
    pub fn wait(&mut self) -> Result<ExitStatus> {
        let instead = match self.said.recv_timeout(LIMIT) {
            Ok(line) => format!("said `{line}`"),
            Err(RecvTimeoutError::Timeout) => format!("ran for {LIMIT:?}"),
            Err(RecvTimeoutError::Disconnected) => {
                let failed = Error::io(format!("wait for the worker `{}`", self.role));
                return self.child.wait().map_err(failed);
            }
        };
        Err(self.failure("end", instead))
    }

    fn signal(&mut self, signal: Signal) -> Result<()> {
        match self.child.try_wait() {
            Ok(None) => signal.send(self.child.id()),
            _ => Err(self.failure("take a signal", String::from("has ended"))),
        }
    }

    fn failure(&self, aim: &str, instead: String) -> Error {
        Error::Worker { role: self.role.clone(), aim: aim.into(), instead: format!("it {instead}") }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It may be gone, and there is nobody to tell.
        drop(self.kill());
    }
}

/// What a worker says, line by line, up to its end.
fn listen(output: ChildStdout) -> Receiver<String> {
    let (heard, said) = channel();
    thread::spawn(move || {
        for line in BufReader::new(output).split(b'\n').map_while(std::result::Result::ok) {
            let line = String::from_utf8_lossy(&line);
            // Read to the end even when nobody listens any more, so that it never blocks.
            part::said(&line).map(|said| heard.send(String::from(said)));
        }
    });
    said
}
