//! Data folders: created once on a machine, copied for every server.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Programs;
use crate::services::account::Account;
use crate::services::{Error, Result, folder};

/// How a data folder is created. Small log files make it cheap to copy.
const INITDB: [&str; 7] = [
    "--username=postgres",
    "--auth=trust",
    "--encoding=UTF8",
    "--no-locale",
    "--wal-segsize=1",
    "--no-sync",
    "--no-instructions",
];

/// The template for this version and account, created if it is not there yet.
///
/// Tests run at the same time in many processes: the first one to ask creates the template while
/// the others wait for a file lock, and it appears under its name only when it is complete.
pub(super) fn prepare(programs: &Programs, account: Account) -> Result<PathBuf> {
    let templates = folder::kept("templates")?;
    let name = name(programs, account)?;
    let failed = |error| Error::io(format!("lock the template {name}"))(error);
    let lock = File::create(templates.join(format!("{name}.lock"))).map_err(failed)?;
    lock.lock().map_err(failed)?;
    let template = templates.join(&name);
    if !is_complete(&template) {
        create(programs, account, &template)?;
    }
    Ok(template)
}

/// Copies a template, under the account that owns both folders.
pub(super) fn copy(template: &Path, data: &Path, account: Account) -> Result<()> {
    let mut command = Command::new("cp");
    command.arg("-R").args([template, data]);
    run("cp", command, account)?;
    Ok(())
}

/// A name that changes with everything that decides what is in the template.
fn name(programs: &Programs, account: Account) -> Result<String> {
    let mut command = Command::new(programs.postgres());
    command.arg("--version");
    let version = run("postgres", command, account)?;
    let mut hasher = DefaultHasher::new();
    (version, programs.postgres(), account.user(), INITDB).hash(&mut hasher);
    Ok(format!("postgres-{:016x}", hasher.finish()))
}

/// Whether a template is whole. Machines that tidy up their folder for temporary files leave the
/// folders of one that was not used for days, without the files.
fn is_complete(template: &Path) -> bool {
    template.join("global/pg_control").is_file() && template.join("PG_VERSION").is_file()
}

fn create(programs: &Programs, account: Account, template: &Path) -> Result<()> {
    let staging = folder::scratch("template", account)?;
    let data = staging.path().join("data");
    let mut command = Command::new(programs.initdb());
    command.args(INITDB).arg("-D").arg(&data).current_dir(staging.path());
    run("initdb", command, account)?;
    let failed = |error| Error::io(format!("create the template {}", template.display()))(error);
    if template.exists() {
        fs::remove_dir_all(template).map_err(failed)?;
    }
    fs::rename(&data, template).map_err(failed)
}

/// Runs a program to its end and returns what it printed.
fn run(program: &'static str, mut command: Command, account: Account) -> Result<Vec<u8>> {
    account.run(&mut command);
    let output = command.output().map_err(Error::io(format!("run `{program}`")))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(Error::Preparation { program, status: output.status, output: text })
}
