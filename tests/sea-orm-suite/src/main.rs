//! Runs the tests on a server of their own, file by file as sea-orm does, and prints what became of
//! them. `run` builds and starts it.

mod file;
mod report;
mod server;
mod tally;

use std::path::PathBuf;
use std::process::ExitCode;

use file::TestFile;
use report::Report;
use server::Server;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// `<database> <way> <test program> [file...]`.
#[tokio::main]
async fn main() -> Result<ExitCode> {
    let mut args = std::env::args().skip(1);
    let mut next =
        |what| args.next().ok_or(format!("{what} is missing: see tests/sea-orm-suite/run"));
    let server = Server::start(&next("the database")?).await?;
    let way = next("the way")?;
    let program = PathBuf::from(next("the test program")?);
    let wanted: Vec<String> = args.collect();
    let mut files = file::list(&program).await?;
    files.retain(|file| wanted.is_empty() || wanted.contains(&file.name));
    let report = run(&server, &way, &program, &files).await?;
    report.print();
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn run(server: &Server, way: &str, program: &PathBuf, files: &[TestFile]) -> Result<Report> {
    let mut report = Report::new(files.len());
    for file in files {
        report.add(file.run(program, &server.url(), way).await?);
    }
    Ok(report)
}
