//! The data folder: what is kept there, and what is swept up after runs that were killed.
//!
//! Kept: one finished database a scale. All else lives in a folder of the run's own, whose lock
//! file is held for as long as the run lives; a run folder that is not locked belongs to nobody.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::failure::Failure;

const RUN: &str = "run-";
const LOCK: &str = "lock";

/// This run's own folder, gone when the run ends.
#[derive(Debug)]
pub(crate) struct RunFolder {
    folder: TempDir,
    /// Dropped after the folder is gone.
    _lock: File,
}

impl RunFolder {
    /// Creates the data folder and this run's own in it, and sweeps up what killed runs left.
    pub(crate) fn create(data: &Path) -> Result<Self, Failure> {
        fs::create_dir_all(data).map_err(|e| Failure::file("create the folder", data, &e))?;
        // Held while run folders come and go, so that none is seen before it is locked.
        let _door = lock(&data.join(".lock"))
            .map_err(|e| Failure::file("write in the folder", data, &e))?;
        sweep(data);
        Self::within(data).map_err(|e| Failure::file("write in the folder", data, &e))
    }

    fn within(data: &Path) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix(RUN).tempdir_in(data)?;
        let lock = lock(&folder.path().join(LOCK))?;
        Ok(Self { folder, _lock: lock })
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn lock(path: &Path) -> io::Result<File> {
    let file = File::create(path)?;
    file.lock()?;
    Ok(file)
}

/// Removes the run folders that nobody holds; what cannot be removed now is left to a later run.
fn sweep(data: &Path) {
    let entries = fs::read_dir(data).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(RUN)) {
        let path = entry.path();
        if !in_use(&path) {
            // Another run may be removing its own at this moment.
            let _ = fs::remove_dir_all(path);
        }
    }
}

fn in_use(run: &Path) -> bool {
    File::open(run.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_err())
}

#[cfg(test)]
mod tests {
    use super::RunFolder;
    use std::fs;

    #[test]
    fn a_run_folder_is_gone_when_the_run_ends() {
        let data = tempfile::tempdir().unwrap();
        let run = RunFolder::create(data.path()).unwrap();
        let file = run.file("work.sqlite");
        fs::write(&file, "x").unwrap();
        drop(run);
        assert!(!file.parent().unwrap().exists());
    }

    #[test]
    fn what_a_killed_run_left_is_swept_and_a_living_run_is_not() {
        let data = tempfile::tempdir().unwrap();
        let killed = data.path().join("run-killed");
        fs::create_dir(&killed).unwrap();
        fs::write(killed.join("lock"), "").unwrap();
        fs::create_dir(data.path().join("run-killed-at-once")).unwrap();

        let living = RunFolder::create(data.path()).unwrap();
        let another = RunFolder::create(data.path()).unwrap();

        assert!(!killed.exists() && !data.path().join("run-killed-at-once").exists());
        assert!(living.file("lock").exists() && another.file("lock").exists());
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let failure = RunFolder::create(&file.path().join("data")).unwrap_err();
        assert!(failure.to_string().contains("/data: "), "{failure}");
    }
}
