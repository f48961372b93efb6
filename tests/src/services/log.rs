//! What a server prints, kept for the person who looks for the cause.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::{Error, Result, folder};

/// Logs live this long. Every start of a server removes older ones.
const KEPT_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// How much of a log is shown.
const TAIL_LINES: usize = 30;

/// Tells apart the servers that one process starts.
static NEXT: AtomicU32 = AtomicU32::new(1);

/// The log of one server. The file outlives the server and its folder.
#[derive(Debug)]
pub(super) struct Log {
    path: PathBuf,
}

impl Log {
    /// A new log, and the file that the server shall write it to.
    pub(super) fn create(service: &str) -> Result<(Self, File)> {
        let folder = folder::kept("logs")?;
        remove_old(&folder);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!("{service}-{}-{number}.log", std::process::id()));
        let file = File::create(&path).map_err(Error::io(format!("create {}", path.display())))?;
        Ok((Self { path }, file))
    }

    /// Where it lies.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Its last lines.
    pub(super) fn tail(&self) -> String {
        let Ok(bytes) = fs::read(&self.path) else {
            return String::from("(it cannot be read)");
        };
        last_lines(&String::from_utf8_lossy(&bytes))
    }
}

/// The last lines of a text.
fn last_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}

/// Removes the logs of earlier days. Nothing depends on it, so nothing reports its failures.
fn remove_old(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let modified = entry.metadata().and_then(|metadata| metadata.modified());
        let age = modified.ok().and_then(|time| time.elapsed().ok());
        if age.is_some_and(|age| age > KEPT_FOR) {
            drop(fs::remove_file(entry.path()));
        }
    }
}

/// Says something to the person who reads the output of a test. Runners show it for failed ones.
#[expect(clippy::print_stderr, reason = "the output of a test is where its failure is explained")]
pub(super) fn note(text: &str) {
    eprintln!("{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_the_end_of_the_log() -> Result<()> {
        let (log, _file) = Log::create("unit-test")?;
        assert_eq!(log.tail(), "");
        let lines: Vec<_> = (1..=100).map(|number| number.to_string()).collect();
        fs::write(log.path(), lines.join("\n")).map_err(Error::io("write a log"))?;
        assert_eq!(log.tail(), lines[100 - TAIL_LINES..].join("\n"));
        Ok(())
    }

    #[test]
    fn a_log_of_today_is_kept() -> Result<()> {
        let (first, _file) = Log::create("unit-test")?;
        let (second, _file) = Log::create("unit-test")?;
        assert_ne!(first.path(), second.path());
        assert!(first.path().exists());
        Ok(())
    }
}
