//! The supervisor, with shell scripts as servers.

use std::fs;

use super::*;
use crate::services::account::Account;
use crate::services::folder;
use crate::services::leftovers::is_alive;

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
    let folder = process.folder().to_path_buf();
    drop(process);
    assert!(!folder.exists());
    Ok(())
}

/// A file in which a server may note the signal that it got, in a folder that outlives it.
fn notes() -> Result<(TempDir, PathBuf)> {
    let notes = tempfile::tempdir().map_err(Error::io("create a folder"))?;
    let note = notes.path().join("signal");
    fs::write(&note, "").map_err(Error::io("write a file"))?;
    let account = Account::for_servers()?;
    account.own(notes.path())?;
    account.own(&note)?;
    Ok((notes, note))
}

/// Starts a server that notes when it is asked to end, and ends.
fn polite(note: &Path) -> Result<Process> {
    let text = format!(
        "trap 'echo TERM >{}; exit' TERM; touch ready; while :; do sleep 0.01; done",
        note.display()
    );
    let mut process = script(&text)?;
    process.wait_until_ready(|folder| folder.join("ready").exists())?;
    Ok(process)
}

#[test]
fn a_server_is_asked_to_end_with_its_own_signal() -> Result<()> {
    let (_notes, note) = notes()?;
    let process = polite(&note)?;
    let folder = process.folder().to_path_buf();
    drop(process);
    assert_eq!(fs::read_to_string(&note).map_err(Error::io("read a file"))?, "TERM\n");
    assert!(!folder.exists());
    Ok(())
}

#[test]
fn a_paused_server_is_asked_to_end_too() -> Result<()> {
    let (_notes, note) = notes()?;
    let mut process = polite(&note)?;
    process.signal(Signal::Stop)?;
    drop(process);
    assert_eq!(fs::read_to_string(&note).map_err(Error::io("read a file"))?, "TERM\n");
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
    assert!(!is_alive(server.trim()));
    Ok(())
}

/// Plays a server that writes down that it was started, in the folder that it keeps.
const COUNTED: &str = "echo started >>starts; touch ready; while :; do sleep 0.01; done";

/// How often it was started.
fn starts(folder: &Path) -> usize {
    fs::read_to_string(folder.join("starts")).unwrap_or_default().lines().count()
}

#[test]
fn a_server_is_started_again_in_its_own_folder_as_often_as_asked() -> Result<()> {
    let mut process = script(COUNTED)?;
    process.wait_until_ready(|folder| starts(folder) == 1)?;
    let first = process.id();
    process.restart(|folder| starts(folder) == 2)?;
    assert_ne!(process.id(), first);
    process.kill()?;
    process.kill()?;
    assert!(process.folder().exists());
    process.restart(|folder| starts(folder) == 3)
}

#[test]
fn the_folder_of_a_server_that_has_ended_goes_with_its_test() -> Result<()> {
    let mut process = script(COUNTED)?;
    process.wait_until_ready(|folder| folder.join("ready").exists())?;
    process.kill()?;
    let folder = process.folder().to_path_buf();
    assert!(folder.exists());
    // As when the test process is killed: nothing but the pipe tells the supervisor.
    drop(process.lifeline.take());
    assert!(poll(STOP_LIMIT, || (!folder.exists()).then_some(())).is_some());
    Ok(())
}
