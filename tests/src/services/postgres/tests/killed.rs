//! The proof that a server does not outlive a test that was killed.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::*;
use crate::services::leftovers::is_alive;

/// Tells a test that it is the child that holds a server until it is killed.
const HOLD: &str = "DOGPILE_TESTS_HOLD_A_SERVER";

/// Runs itself as a child that starts a server, and kills that child.
#[tokio::test]
async fn a_killed_test_leaves_no_server() -> Proof {
    if std::env::var_os(HOLD).is_some() {
        return hold().await;
    }
    let name = "services::postgres::tests::killed::a_killed_test_leaves_no_server";
    let mut child = Command::new(std::env::current_exe()?)
        .args(["--exact", name, "--nocapture"])
        .env(HOLD, "yes")
        .stdout(Stdio::piped())
        .spawn()?;
    let output = BufReader::new(child.stdout.take().ok_or("no output")?);
    let held = output.lines().map_while(Result::ok).find_map(|line| parse_held(&line));
    let (processes, folder) = held.ok_or("the child ended without a server")?;
    assert!(folder.exists() && processes.iter().all(|process| is_alive(process)));

    child.kill()?;
    child.wait()?;
    assert_gone(&processes, &folder);
    Ok(())
}

/// The child: starts a server, says where, and waits for its end.
async fn hold() -> Proof {
    let server = Postgres::start().await?;
    let processes = processes(&server).await?.join(" ");
    println!("held\t{processes}\t{}", server.folder().display());
    std::future::pending().await
}

fn parse_held(line: &str) -> Option<(Vec<String>, PathBuf)> {
    let (_, held) = line.split_once("held\t")?;
    let (processes, folder) = held.split_once('\t')?;
    Some((processes.split(' ').map(String::from).collect(), folder.into()))
}
