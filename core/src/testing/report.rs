//! What came out.

use std::fmt;

/// How one case ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// The backend keeps the promise.
    Passed,
    /// The backend does not offer what the case is about, and why.
    NotApplicable(&'static str),
    /// The backend breaks the promise, and how.
    Failed(String),
}

/// How every case ended.
///
/// A case that does not apply is neither passed nor failed.
#[derive(Debug, Clone)]
#[must_use]
pub struct Report {
    pub(super) verdicts: Vec<(&'static str, Verdict)>,
}

impl Report {
    /// All cases with their verdicts, in order.
    pub fn verdicts(&self) -> &[(&'static str, Verdict)] {
        &self.verdicts
    }

    /// The cases that the backend passed.
    pub fn passed(&self) -> Vec<&'static str> {
        self.those(|verdict| matches!(verdict, Verdict::Passed))
    }

    /// The cases that it failed.
    pub fn failed(&self) -> Vec<&'static str> {
        self.those(|verdict| matches!(verdict, Verdict::Failed(_)))
    }

    /// The cases that do not apply to it.
    pub fn not_applicable(&self) -> Vec<&'static str> {
        self.those(|verdict| matches!(verdict, Verdict::NotApplicable(_)))
    }

    fn those(&self, wanted: impl Fn(&Verdict) -> bool) -> Vec<&'static str> {
        let chosen = self.verdicts.iter().filter(|(_, verdict)| wanted(verdict));
        chosen.map(|(name, _)| *name).collect()
    }
}

impl fmt::Display for Report {
    /// One line a case, then the sums.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, verdict) in &self.verdicts {
            match verdict {
                Verdict::Passed => writeln!(f, "passed          {name}")?,
                Verdict::NotApplicable(why) => writeln!(f, "does not apply  {name}: {why}")?,
                Verdict::Failed(how) => writeln!(f, "FAILED          {name}: {how}")?,
            }
        }
        write!(
            f,
            "{} passed, {} failed, {} do not apply",
            self.passed().len(),
            self.failed().len(),
            self.not_applicable().len()
        )
    }
}
