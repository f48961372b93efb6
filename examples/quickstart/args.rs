//! What may be asked for on the command line.

use std::io::{self, Write};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

/// From a few thousand rows to more than most people want to wait for.
const SCALES: RangeInclusive<f64> = 0.001..=10.0;

/// Runs TPC-H on SQLite, directly and through a query cache, and shows what the cache saved.
#[derive(Debug, Parser)]
#[command(name = "quickstart", version)]
pub(crate) struct Args {
    /// How much data, from 0.001 to 10; 1 is 8.7 million rows
    #[arg(long, default_value = "0.01", value_parser = scale, allow_hyphen_values = true)]
    pub(crate) scale: f64,

    /// The folder that keeps the generated database for the next run
    #[arg(long, default_value = "target/quickstart", value_name = "DIR")]
    pub(crate) data: PathBuf,

    /// Print one JSON object and nothing else
    #[arg(long)]
    pub(crate) json: bool,
}

impl Args {
    /// The arguments, or the exit code where help was asked for or something is wrong.
    pub(crate) fn read() -> Result<Self, ExitCode> {
        Self::try_parse().map_err(|said| {
            if said.use_stderr() {
                // Its first line says it all; usage is one `--help` away.
                let said = said.to_string();
                let _ = writeln!(io::stderr(), "{}", said.lines().next().unwrap_or(&said));
                return ExitCode::from(2);
            }
            let _ = said.print();
            ExitCode::SUCCESS
        })
    }
}

fn scale(text: &str) -> Result<f64, String> {
    let wanted = "give a number from 0.001 to 10, such as 0.01 for 86,805 rows";
    match text.parse() {
        Ok(scale) if SCALES.contains(&scale) => Ok(scale),
        Ok(_) => Err(format!("out of range; {wanted}")),
        Err(_) => Err(format!("not a number; {wanted}")),
    }
}

#[cfg(test)]
mod tests {
    use super::scale;

    #[test]
    fn a_scale_is_a_number_within_limits() {
        assert_eq!(scale("0.01"), Ok(0.01));
        assert_eq!(scale("1e-2"), Ok(0.01));
        for wrong in ["", "x", "-1", "0", "-0", "nan", "inf", "-inf", "1e99", "10.1", "0.0001"] {
            assert!(scale(wrong).is_err(), "{wrong} was taken");
        }
    }
}
