//! TPC-H on SQLite, directly and through a query cache: what is saved, and what is promised.
//!
//! ```text
//! cargo run --release --example quickstart [-- --scale 0.01 --data DIR --json]
//! ```
//!
//! 1. [`timing`]: each query on the database, cold, and cached;
//! 2. [`stampede`]: a thousand tasks on one cold key are one database query;
//! 3. [`invalidation`]: no read is older than a write that had returned before it;
//! 4. [`bypass`]: what is not cached says why;
//! 5. [`counters`]: every lookup is accounted for.

mod args;
mod bypass;
mod cache;
mod clock;
mod counters;
mod data;
mod failure;
mod figures;
mod folder;
mod invalidation;
mod json;
mod queries;
mod report;
mod stampede;
mod statements;
mod timing;

use std::io::{self, Write};
use std::process::ExitCode;

use args::Args;
use counters::Counters;
use data::Data;
use failure::Failure;
use report::Report;
use statements::Statements;
use timing::Bench;

/// All that was measured and checked.
#[derive(Debug)]
struct Outcome {
    rows_loaded: u64,
    timings: Vec<timing::Timing>,
    stampede: stampede::Stampede,
    invalidation: invalidation::Invalidation,
    bypasses: Vec<bypass::Bypass>,
    counters: Counters,
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = match Args::read() {
        Ok(args) => args,
        Err(said) => return said,
    };
    let finished = tokio::select! {
        finished = run(&args) => finished,
        // Leaves as on an error, so that what this run created is removed.
        _ = tokio::signal::ctrl_c() => Err(Failure::Interrupted),
    };
    match finished {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => leave(&failure.about(&data::kept(&args.data, args.scale))),
    }
}

async fn run(args: &Args) -> Result<(), Failure> {
    let data = Data::open(&args.data, args.scale, args.json).await?;
    let report = Report { quiet: args.json };
    report.data(&data, args.scale, &data::kept(&args.data, args.scale))?;
    let outcome = measure(&data, report).await?;
    if args.json {
        json::write(&outcome)?;
    }
    outcome.invalidation.kept_its_promise()
}

async fn measure(data: &Data, report: Report) -> Result<Outcome, Failure> {
    let statements = Statements::subscribe();
    let db = cache::over(data.pool.clone())?;
    let bench = Bench { db: &db, statements: &statements };

    let timings = bench.all(report).await?;
    let stampede = stampede::run(&db, &statements).await?;
    report.stampede(&stampede)?;
    let invalidation = invalidation::run(&db).await?;
    report.invalidation(&invalidation)?;
    let bypasses = bypass::run(&db).await?;
    report.bypasses(&bypasses)?;
    let counters = Counters::from(db.region().stats()).add_up()?;
    report.counters(&counters)?;

    db.close().await;
    let rows_loaded = data.rows;
    Ok(Outcome { rows_loaded, timings, stampede, invalidation, bypasses, counters })
}

fn leave(failure: &Failure) -> ExitCode {
    if !matches!(failure, Failure::NobodyListens) {
        // There is nobody left to tell where this fails.
        let _ = writeln!(io::stderr(), "error: {failure}");
    }
    failure.exit_code()
}
