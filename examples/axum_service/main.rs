//! A small web shop on axum, whose queries are cached: something to copy into work.
//!
//! ```text
//! cargo run --example axum_service                                      SQLite, no set-up
//! cargo run --example axum_service -- postgres://app@localhost/shop
//! cargo run --example axum_service -- --tour                            asks itself, and tells what the cache did
//! ```
//!
//! `service/` is the service: its handlers, the queries in them, and what is said to the cache. All
//! that is around it is for looking on.

mod api_error;
mod args;
mod failure;
mod figures;
mod postgres;
mod serve;
mod sqlite;
mod statements;
mod tenant;
mod tour;

use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

use args::{Address, Args};
use failure::Failure;

#[tokio::main]
async fn main() -> ExitCode {
    let args = match Args::read() {
        Ok(args) => args,
        Err(said) => return said,
    };
    statements::subscribe();
    match run(&args).await {
        Ok(()) | Err(Failure::NobodyListens) => ExitCode::SUCCESS,
        Err(failure) => leave(failure.exit_code(), format_args!("error: {failure}")),
    }
}

async fn run(args: &Args) -> Result<(), Failure> {
    match &args.address {
        Address::Sqlite(url) => sqlite::service::run(args, url).await,
        Address::Postgres(url) => postgres::service::run(args, url).await,
        Address::NoneGiven => {
            // Gone afterwards.
            let folder = tempfile::tempdir().map_err(|error| Failure::outside(&error))?;
            let url = format!("sqlite://{}/shop.db?mode=rwc", folder.path().display());
            sqlite::service::run(args, &url).await
        }
    }
}

/// Ends with one line on standard error.
fn leave(code: u8, said: impl Display) -> ExitCode {
    let _ = writeln!(io::stderr(), "{}", said.to_string().replace('\n', " "));
    ExitCode::from(code)
}
