//! The side of the worker.

use std::env;
use std::io::{self, BufRead, Write};
use std::process::{self, Command};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

/// Tells a test that it is a worker, and in which role.
const ROLE: &str = "DOGPILE_TESTS_WORKER";

/// Its arguments.
const ARGUMENTS: &str = "DOGPILE_TESTS_WORKER_ARGUMENTS";

/// What stands between arguments: the unit separator of ASCII.
const SEPARATOR: char = '\u{1f}';

/// What stands before a line that is meant for the test, which may follow what the runner prints.
const MARK: &str = "\u{1f}worker says: ";

/// How a worker ends that has lost its test. Nobody sees it.
const ORPHANED: i32 = 2;

/// The part that this process plays in a test that another process runs.
#[derive(Debug)]
pub struct Part {
    role: String,
    arguments: Vec<String>,
    heard: Receiver<String>,
}

impl Part {
    /// The part of this process, if it is a [`Worker`](super::Worker). To be asked once, first
    /// thing in the test.
    ///
    /// From then on this process ends when that of the test does.
    pub fn of_this_process() -> Option<Self> {
        let role = env::var(ROLE).ok()?;
        let arguments = env::var(ARGUMENTS).unwrap_or_default();
        let arguments = arguments.split_terminator(SEPARATOR).map(String::from).collect();
        Some(Self { role, arguments, heard: listen() })
    }

    /// The role it was spawned in.
    pub fn role(&self) -> &str {
        &self.role
    }

    /// The arguments it was spawned with.
    pub fn arguments(&self) -> &[String] {
        &self.arguments
    }

    /// Says a line to the test, which gets it from [`Worker::expect`](super::Worker::expect).
    ///
    /// # Panics
    ///
    /// When there is a line break in the line.
    pub fn say(&self, line: &str) {
        assert_one_line(line);
        // Past the capture of the test runner, and on a line of its own.
        let mut output = io::stdout().lock();
        let said = output.write_all(format!("\n{MARK}{line}\n").as_bytes());
        if said.and_then(|()| output.flush()).is_err() {
            process::exit(ORPHANED);
        }
    }

    /// Blocks until the test sends a line, and returns it.
    pub fn hear(&self) -> String {
        // The end of what there is to hear is the end of this process.
        self.heard.recv().unwrap_or_else(|_| process::exit(ORPHANED))
    }
}

/// Has a command play a part.
pub(super) fn assign(command: &mut Command, role: &str, arguments: &[&str]) {
    let arguments = arguments.iter().flat_map(|argument| [argument, "\u{1f}"]);
    command.env(ROLE, role).env(ARGUMENTS, arguments.collect::<String>());
}

/// What a line of a worker's output says to the test.
pub(super) fn said(line: &str) -> Option<&str> {
    line.split_once(MARK).map(|(_, said)| said)
}

/// Refuses what would arrive as two lines.
pub(super) fn assert_one_line(line: &str) {
    assert!(!line.contains('\n'), "one line at a time: `{line}`");
}

/// What the test says, line by line. Its end is the end of the test, and so of this process.
fn listen() -> Receiver<String> {
    let (sender, heard) = channel();
    thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            // Watches on when nobody listens.
            drop(sender.send(line));
        }
        process::exit(ORPHANED);
    });
    heard
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_worker_says_is_found_behind_what_its_runner_prints() {
        assert_eq!(said(&format!("test a ... {MARK}ready")), Some("ready"));
        assert_eq!(said("test a ... ok"), None);
    }

    #[test]
    fn empty_arguments_are_arguments() {
        let mut command = Command::new("true");
        assign(&mut command, "reader", &["", "b"]);
        let value = command.get_envs().find(|(name, _)| *name == ARGUMENTS).and_then(|(_, v)| v);
        let value = value.unwrap().to_str().unwrap();
        assert_eq!(value.split_terminator(SEPARATOR).collect::<Vec<_>>(), ["", "b"]);
    }
}
