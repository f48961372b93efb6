//! The table that people read.

use std::fmt::Display;
use std::time::Duration;

use crate::failure::Failure;
use crate::serve::print;

pub(super) fn head() -> Result<(), Failure> {
    line("request", "first", "again", "what the cache did")
}

pub(super) fn row(
    request: impl Display,
    first: Duration,
    again: Option<Duration>,
    did: impl Display,
) -> Result<(), Failure> {
    let again = again.map(time).unwrap_or_default();
    line(&request.to_string(), &time(first), &again, did)
}

fn line(request: &str, first: &str, again: &str, did: impl Display) -> Result<(), Failure> {
    print(format_args!("{request:<40}{first:>9}{again:>9}   {did}"))
}

fn time(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1e3)
}
