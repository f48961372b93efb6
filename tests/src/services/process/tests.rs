//! The supervisor, with shell scripts as servers.

use std::fs;
use std::process::{Command, Stdio};

use super::*;
use crate::services::account::Account;
use crate::services::folder;

/// A script that plays the server. It runs in its own folder.
fn script(text: &str) -> Result<Process> {
    let account = Account::for_servers()?;
    Process::spawn(Launch {
        service: "unit-test",
        program: "sh".into(),
        arguments: vec!["-c".into(), text.into()],
        stop_signal: "TERM",
        account,
        folder: folder::scratch("unit-test", account)?,
    })
}

#[test]
fn a_server_that_ends_at_once_is_an_error_with_its_log() -> Result<()> {
    let mut process = script("echo the port is taken >&2; exit 1")?;
    let ended = process.wait_until_ready(|_| false);
    assert!(matches!(ended, Err(Error::Exited { tail, .. }) if tail == "the port is taken"));
    assert!(!process.folder().exists());
    Ok(())
}

#[test]
fn a_server_is_asked_to_end_with_its_own_signal() -> Result<()> {
    let notes = tempfile::tempdir().map_err(Error::io("create a folder"))?;
    let note = notes.path().join("signal");
    fs::write(&note, "").map_err(Error::io("write a file"))?;
    let account = Account::for_servers()?;
    account.own(notes.path())?;
    account.own(&note)?;
    let text = format!(
        "trap 'echo TERM >{}; exit' TERM; touch ready; while :; do sleep 0.01; done",
        note.display()
    );
    let mut process = script(&text)?;
    process.wait_until_ready(|folder| folder.join("ready").exists())?;
    let folder = process.folder().to_path_buf();
    drop(process);
    assert_eq!(fs::read_to_string(&note).map_err(Error::io("read a file"))?, "TERM\n");
    assert!(!folder.exists());
    Ok(())
}

#[test]
fn a_server_that_ignores_its_signal_is_killed() -> Result<()> {
    let text = "trap '' TERM; echo $$ >server; touch ready; while :; do sleep 0.1; done";
    let mut process = script(text)?;
    process.wait_until_ready(|folder| folder.join("ready").exists())?;
    let path = process.folder().join("server");
    let server = fs::read_to_string(path).map_err(Error::io("read a file"))?;
    drop(process);
    let mut command = Command::new("sh");
    command.args(["-c", "kill -0 $0", server.trim()]).stderr(Stdio::null());
    assert!(!command.status().map_err(Error::io("run `sh`"))?.success());
    Ok(())
}
