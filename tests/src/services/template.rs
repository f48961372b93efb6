//! Data folders: created once on a machine, copied for every server.

use std::ffi::OsString;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::account::Account;
use super::{Error, Result, folder};

/// How a data folder is created.
#[derive(Debug)]
pub(super) struct Recipe {
    /// The service, for the names of folders.
    pub(super) service: &'static str,
    /// The server, which tells its version.
    pub(super) server: PathBuf,
    /// The name of the program that creates data folders.
    pub(super) name: &'static str,
    /// That program.
    pub(super) program: PathBuf,
    /// Its arguments.
    pub(super) arguments: &'static [&'static str],
    /// What stands before the folder, in the same argument.
    pub(super) folder: &'static str,
    /// Files that are there once the folder is whole.
    pub(super) evidence: [&'static str; 2],
}

impl Recipe {
    /// The template for this version and account, created if it is not there yet.
    ///
    /// Tests run at the same time in many processes: the first one to ask creates the template
    /// while the others wait for a file lock, and it appears under its name only when it is
    /// complete.
    pub(super) fn prepare(&self, account: Account) -> Result<PathBuf> {
        let templates = folder::kept("templates")?;
        let name = self.title(account)?;
        let failed = |error| Error::io(format!("lock the template {name}"))(error);
        let lock = File::create(templates.join(format!("{name}.lock"))).map_err(failed)?;
        lock.lock().map_err(failed)?;
        let template = templates.join(&name);
        if !self.is_complete(&template) {
            self.create(account, &template)?;
        }
        Ok(template)
    }

    /// A name that changes with everything that decides what is in the template.
    fn title(&self, account: Account) -> Result<String> {
        let mut command = Command::new(&self.server);
        command.arg("--version");
        let version = run(self.service, command, account)?;
        let mut hasher = DefaultHasher::new();
        (version, &self.server, account.user(), self.arguments).hash(&mut hasher);
        Ok(format!("{}-{:016x}", self.service, hasher.finish()))
    }

    /// Whether a template is whole. Machines that tidy up their folder for temporary files leave
    /// the folders of one that was not used for days, without the files.
    fn is_complete(&self, template: &Path) -> bool {
        self.evidence.iter().all(|file| template.join(file).is_file())
    }

    fn create(&self, account: Account, template: &Path) -> Result<()> {
        let staging = folder::scratch("template", account)?;
        let data = staging.path().join("data");
        let mut folder = OsString::from(self.folder);
        folder.push(&data);
        let mut command = Command::new(&self.program);
        command.args(self.arguments).arg(folder).current_dir(staging.path());
        run(self.name, command, account)?;
        let failed =
            |error| Error::io(format!("create the template {}", template.display()))(error);
        if template.exists() {
            fs::remove_dir_all(template).map_err(failed)?;
        }
        fs::rename(&data, template).map_err(failed)
    }
}

/// Copies a template, under the account that owns both folders.
pub(super) fn copy(template: &Path, data: &Path, account: Account) -> Result<()> {
    let mut command = Command::new("cp");
    command.arg("-R").args([template, data]);
    run("cp", command, account)?;
    Ok(())
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
