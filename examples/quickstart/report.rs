//! What people read.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;

use crate::bypass::Bypass;
use crate::counters::Counters;
use crate::data::Data;
use crate::failure::Failure;
use crate::figures::{count, thousands, time};
use crate::invalidation::Invalidation;
use crate::stampede::Stampede;
use crate::timing::Timing;

/// A table for people, line by line as it is measured; silent if somebody wants JSON.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Report {
    pub(crate) quiet: bool,
}

impl Report {
    pub(crate) fn data(self, data: &Data, scale: f64, kept: &Path) -> Result<(), Failure> {
        let rows = thousands(data.rows);
        let how = data.loaded_in.map_or_else(
            || format!("in SQLite, reused from {}", kept.display()),
            |took| format!("loaded into SQLite in {}", time(took)),
        );
        self.line(format_args!("TPC-H, scale {scale}: {rows} rows {how}"))
    }

    pub(crate) fn head(self) -> Result<(), Failure> {
        self.line(format_args!(""))?;
        self.line(format_args!(
            "  {:5} {:>6} {:>11} {:>10} {:>9}    {}",
            "query", "rows", "direct", "cold", "cached", "faster than direct"
        ))
    }

    pub(crate) fn timing(self, timing: &Timing) -> Result<(), Failure> {
        self.line(format_args!(
            "  {:5} {:>6} {:>11} {:>10} {:>9}    {:>16} x",
            timing.name,
            thousands(timing.rows),
            time(timing.direct),
            time(timing.cold),
            time(timing.warm),
            thousands(timing.times_faster()),
        ))
    }

    pub(crate) fn stampede(self, stampede: &Stampede) -> Result<(), Failure> {
        let queries = count(stampede.db_queries, "database query", "database queries");
        self.line(format_args!(""))?;
        self.fact(
            &format!("{} on one cold key", count(stampede.tasks, "task", "tasks")),
            format_args!("{queries}, slowest waiter +{}", time(stampede.slowest)),
        )
    }

    pub(crate) fn invalidation(self, seen: &Invalidation) -> Result<(), Failure> {
        self.fact(
            &format!("{} reads beside {} writes", thousands(seen.checks), thousands(seen.writes)),
            format_args!("{} stale (checked against an uncached connection)", seen.stale_reads),
        )
    }

    pub(crate) fn bypasses(self, bypasses: &[Bypass]) -> Result<(), Failure> {
        self.line(format_args!("  not cached, and why"))?;
        for said in bypasses.iter().flat_map(|bypass| bypass.explanation.lines()) {
            self.line(format_args!("    {said}"))?;
        }
        Ok(())
    }

    pub(crate) fn counters(self, counters: &Counters) -> Result<(), Failure> {
        self.fact("counters", format_args!("{counters}"))
    }

    fn fact(self, label: &str, text: fmt::Arguments<'_>) -> Result<(), Failure> {
        self.line(format_args!("  {label:35}  {text}"))
    }

    fn line(self, text: fmt::Arguments<'_>) -> Result<(), Failure> {
        if self.quiet { Ok(()) } else { print(text) }
    }
}

/// One line on standard output.
pub(crate) fn print(text: fmt::Arguments<'_>) -> Result<(), Failure> {
    writeln!(io::stdout(), "{text}").map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::NobodyListens,
        _ => Failure::outside(
            format!("cannot write to standard output: {error}"),
            "send it somewhere that can be written to",
        ),
    })
}
