//! The proofs: two processes talk, and none is left.

use std::fs;

use super::*;
use crate::services::leftovers::{Proof, assert_gone, is_alive};

/// A worker that plays `play` of this file.
fn worker(test: &str, role: &str, arguments: &[&str]) -> Result<Worker> {
    Worker::spawn(&format!("services::worker::tests::{test}"), role, arguments)
}

#[test]
fn two_processes_talk_about_one_file() -> Proof {
    if let Some(part) = Part::of_this_process() {
        let path = &part.arguments()[0];
        part.say(&format!("ready {}", std::process::id()));
        match part.role() {
            "writer" => fs::write(path, part.hear())?,
            _ => {
                part.hear();
                part.say(&format!("read {}", fs::read_to_string(path)?));
                return Ok(());
            }
        }
        part.say("written");
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("file").display().to_string();
    let name = "two_processes_talk_about_one_file";
    let mut writer = worker(name, "writer", &[&path])?;
    let mut reader = worker(name, "reader", &[&path])?;
    let ids = [writer.expect("ready ")?, reader.expect("ready ")?];
    assert_eq!(ids, [writer.id().to_string(), reader.id().to_string()]);
    assert!(ids[0] != ids[1] && !ids.contains(&std::process::id().to_string()));

    writer.send("plum")?;
    writer.expect("written")?;
    reader.send("go")?;
    assert_eq!(reader.expect("read ")?, "plum");
    assert!(writer.wait()?.success() && reader.wait()?.success());
    Ok(())
}

#[test]
fn a_worker_is_killed_paused_and_resumed() -> Proof {
    if let Some(part) = Part::of_this_process() {
        loop {
            part.say(&format!("heard {}", part.hear()));
        }
    }
    let mut worker = worker("a_worker_is_killed_paused_and_resumed", "echo", &[])?;
    worker.send("one")?;
    assert_eq!(worker.expect("heard ")?, "one");
    worker.pause()?;
    worker.send("two")?;
    assert!(worker.said.recv_timeout(Duration::from_millis(100)).is_err());
    worker.resume()?;
    assert_eq!(worker.expect("heard ")?, "two");
    worker.kill()?;
    worker.kill()?;
    assert!(matches!(worker.expect("heard "), Err(Error::Worker { .. })));
    assert!(matches!(worker.pause(), Err(Error::Worker { .. })));
    assert!(!worker.wait()?.success());
    Ok(())
}

#[test]
fn a_paused_worker_is_gone_after_its_drop() -> Proof {
    if let Some(part) = Part::of_this_process() {
        part.say("ready");
        part.hear();
    }
    let mut worker = worker("a_paused_worker_is_gone_after_its_drop", "paused", &[])?;
    worker.expect("ready")?;
    worker.pause()?;
    let id = worker.id().to_string();
    drop(worker);
    assert!(!is_alive(&id));
    Ok(())
}

#[test]
fn what_is_said_instead_is_told() -> Proof {
    if let Some(part) = Part::of_this_process() {
        part.say("plum");
        panic!("this panic is part of the test");
    }
    let mut failing = worker("what_is_said_instead_is_told", "failing", &[])?;
    let error = failing.expect("nut").unwrap_err().to_string();
    assert_eq!(error, "the worker `failing` should say `nut`, but it said `plum`");
    assert!(!failing.wait()?.success());

    let mut nobody = worker("no_test_has_this_name", "nobody", &[])?;
    let error = nobody.expect("nut").unwrap_err().to_string();
    assert!(error.starts_with("the worker `nobody` should say `nut`, but it ended"), "{error}");
    Ok(())
}

#[test]
fn a_worker_ends_with_its_test() -> Proof {
    let name = "a_worker_ends_with_its_test";
    if let Some(part) = Part::of_this_process() {
        if part.role() == "test" {
            let mut inner = worker(name, "worker", &[])?;
            inner.expect("busy")?;
            part.say(&format!("runs {}", inner.id()));
            part.hear();
        }
        part.say("busy");
        // Listens to nobody, as one that waits for a server.
        loop {
            std::thread::park();
        }
    }
    let mut test = worker(name, "test", &[])?;
    let inner = test.expect("runs ")?;
    assert!(is_alive(&inner));
    test.kill()?;
    assert_gone(&[inner], std::path::Path::new("/nowhere"));
    Ok(())
}
