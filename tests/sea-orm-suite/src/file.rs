//! One test file of sea-orm.

use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use crate::Result;
use crate::tally::Tally;

/// A file of tests that has hung is ended.
const LIMIT: Duration = Duration::from_secs(300);

/// One test file of sea-orm.
pub(crate) struct TestFile {
    pub(crate) name: String,
    tests: Vec<String>,
}

/// What became of a file's tests.
pub(crate) struct Outcome {
    pub(crate) name: String,
    pub(crate) passed: usize,
    /// What sea-orm itself marks `#[ignore]`.
    pub(crate) ignored: usize,
    pub(crate) failed: Vec<String>,
    /// What the tests printed, where one failed.
    pub(crate) output: String,
    pub(crate) tally: Tally,
}

/// The files in the test program: the first part of the path of each test.
pub(crate) async fn list(program: &Path) -> Result<Vec<TestFile>> {
    let told = Command::new(program).args(["--list", "--format=terse"]).output().await?;
    let told = String::from_utf8(told.stdout)?;
    let mut files: Vec<TestFile> = Vec::new();
    for test in told.lines().filter_map(|line| line.strip_suffix(": test")) {
        let name = test.split("::").next().unwrap_or(test);
        match files.last_mut().filter(|file| file.name == name) {
            Some(file) => file.tests.push(test.to_owned()),
            None => files.push(TestFile { name: name.to_owned(), tests: vec![test.to_owned()] }),
        }
    }
    Ok(files)
}

impl TestFile {
    /// Runs the tests in a process of their own, as `cargo test` does.
    pub(crate) async fn run(&self, program: &Path, url: &str, way: &str) -> Result<Outcome> {
        let folder = tempfile::tempdir()?;
        let letters = folder.path().join("tally");
        let child = Command::new(program)
            .arg("--exact")
            .args(&self.tests)
            .env("DATABASE_URL", url)
            .env("DOGPILE_SUITE_WAY", way)
            .env("DOGPILE_SUITE_TALLY", &letters)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let output = match timeout(LIMIT, child.wait_with_output()).await {
            Ok(output) => printed(&output?),
            Err(_) => format!("no end after {} s", LIMIT.as_secs()),
        };
        Ok(self.outcome(output, Tally::read(&letters)))
    }

    /// A test that has not said that it passed has failed.
    fn outcome(&self, output: String, tally: Tally) -> Outcome {
        let says = |test: &str, what: &str| {
            let (said, panics) = (format!("test {test} ... {what}"), " - should panic");
            output.lines().any(|line| line.replacen(panics, "", 1).starts_with(&said))
        };
        let (mut passed, mut ignored, mut failed) = (0, 0, Vec::new());
        for test in &self.tests {
            if says(test, "ok") {
                passed += 1;
            } else if says(test, "ignored") {
                ignored += 1;
            } else {
                failed.push(test.clone());
            }
        }
        let output = if failed.is_empty() { String::new() } else { output };
        Outcome { name: self.name.clone(), passed, ignored, failed, output, tally }
    }
}

fn printed(output: &Output) -> String {
    let [out, err] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    format!("{out}{err}")
}
