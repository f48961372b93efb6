//! Counts as people read them.

use std::fmt;

use super::text::{Size, Thousands};
use super::{ReasonKind, Stats};

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            return self.table(f);
        }
        write!(
            f,
            "{} lookups = {} hits + {} stale + {} misses + {} bypasses",
            Thousands(self.lookups),
            Thousands(self.hits),
            Thousands(self.stale),
            Thousands(self.misses),
            Thousands(self.bypasses),
        )
    }
}

impl Stats {
    fn table(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use ReasonKind::{
            BackendFailed, BackgroundRefused, Bypass, Degraded, Failed, FellBack, Miss, Refused,
            Rejected, Stale, Unlocked,
        };
        row(f, "lookups", self.lookups)?;
        self.part(f, "  hits", self.hits, None)?;
        self.part(f, "  stale", self.stale, Some(Stale))?;
        self.part(f, "  misses", self.misses, Some(Miss))?;
        self.part(f, "  bypasses", self.bypasses, Some(Bypass))?;
        write!(f, "\n{:<20}{}", "creations", self.load)?;
        self.line(f, "  stored", self.stored, None)?;
        self.line(f, "  refused", self.refused, Some(Refused))?;
        self.line(f, "  failed", self.failed, Some(Failed))?;
        self.line(f, "  fell back", self.fell_back, Some(FellBack))?;
        self.line(f, "  unlocked", self.unlocked, Some(Unlocked))?;
        write!(f, "\n{:<20}{}", "lock waits", self.lock_wait)?;
        self.line(f, "invalidated tags", self.invalidated_tags, None)?;
        self.line(f, "degraded writes", self.degraded, Some(Degraded))?;
        self.line(f, "backend failures", self.backend_failed, Some(BackendFailed))?;
        self.line(f, "rejected entries", self.rejected, Some(Rejected))?;
        self.line(f, "refused refreshes", self.background_refused, Some(BackgroundRefused))?;
        let (read, written) = (Size(self.bytes_read), Size(self.bytes_written));
        write!(f, "\n{:<20}{read} read, {written} written", "backend bytes")?;
        let (entries, weight) = (Thousands(self.entries as u64), Size(self.weight));
        write!(f, "\n{:<20}{entries} entries, {weight}, {} flights", "at present", self.flights)
    }

    /// A part of the lookups, with its share.
    fn part(
        &self,
        f: &mut fmt::Formatter<'_>,
        name: &str,
        count: u64,
        kind: Option<ReasonKind>,
    ) -> fmt::Result {
        let share = 100.0 * count as f64 / self.lookups.max(1) as f64;
        f.write_str("\n")?;
        row(f, name, count)?;
        write!(f, "  {share:>5.1} %")?;
        self.because(f, kind)
    }

    fn line(
        &self,
        f: &mut fmt::Formatter<'_>,
        name: &str,
        count: u64,
        kind: Option<ReasonKind>,
    ) -> fmt::Result {
        write!(f, "\n{name:<20}{}", Thousands(count))?;
        self.because(f, kind)
    }

    /// The reasons of a kind, the most frequent first.
    fn because(&self, f: &mut fmt::Formatter<'_>, kind: Option<ReasonKind>) -> fmt::Result {
        let mut before = "  ";
        for held in self.reasons().filter(|held| Some(held.kind) == kind) {
            write!(f, "{before}{} {}", held.reason, Thousands(held.count))?;
            before = ", ";
        }
        Ok(())
    }
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, count: u64) -> fmt::Result {
    write!(f, "{name:<10}{:>10}", Thousands(count))
}
