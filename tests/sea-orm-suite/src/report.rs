//! What is printed: a line a file as it ends, then what failed, then the totals.

use crate::file::Outcome;
use crate::tally::Tally;

/// What became of the tests so far.
pub(crate) struct Report {
    files: usize,
    outcomes: Vec<Outcome>,
}

impl Report {
    pub(crate) fn new(files: usize) -> Self {
        println!("{:>9} {:<42} {:>6} {:>6}", "", "file", "passed", "failed");
        Self { files, outcomes: Vec::new() }
    }

    pub(crate) fn add(&mut self, outcome: Outcome) {
        self.outcomes.push(outcome);
        let (done, all) = (self.outcomes.len(), self.files);
        if let Some(Outcome { name, passed, failed, tally, .. }) = self.outcomes.last() {
            println!("[{done:>3}/{all:>3}] {name:<42} {passed:>6} {:>6}  {tally}", failed.len());
        }
    }

    pub(crate) fn is_clean(&self) -> bool {
        self.outcomes.len() == self.files && self.outcomes.iter().all(|o| o.failed.is_empty())
    }

    pub(crate) fn print(&self) {
        for outcome in self.outcomes.iter().filter(|outcome| !outcome.failed.is_empty()) {
            println!("\n=== {}\n{}", outcome.name, outcome.output);
        }
        let (mut passed, mut ignored, mut tally) = (0, 0, Tally::default());
        for outcome in &self.outcomes {
            passed += outcome.passed;
            ignored += outcome.ignored;
            tally.add(outcome.tally);
        }
        let failed: Vec<_> = self.outcomes.iter().flat_map(|outcome| &outcome.failed).collect();
        println!("\n{passed} passed, {} failed, {ignored} ignored; {tally}", failed.len());
        for test in failed {
            println!("  failed: {test}");
        }
    }
}
