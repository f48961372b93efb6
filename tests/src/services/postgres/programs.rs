//! Where PostgreSQL is installed.

use std::fs;
use std::path::{Path, PathBuf};

use crate::services::{Error, Result};

/// What a server needs.
const PROGRAMS: [&str; 2] = ["postgres", "initdb"];

/// Debian and Ubuntu keep every major version in a folder of its own and off `PATH`.
const VERSIONS: &str = "/usr/lib/postgresql";

/// The folder of PostgreSQL's programs.
#[derive(Debug)]
pub(super) struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// The newest version under `/usr/lib/postgresql`, else the first one on `PATH`.
    pub(super) fn find() -> Result<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = versions(Path::new(VERSIONS)).into_iter().chain(std::env::split_paths(&path));
        Self::among(folders).ok_or_else(|| Error::NotInstalled {
            service: "PostgreSQL",
            programs: PROGRAMS.map(|program| format!("`{program}`")).join(" and "),
            package: "postgresql",
        })
    }

    fn among(folders: impl IntoIterator<Item = PathBuf>) -> Option<Self> {
        let complete = |folder: &PathBuf| PROGRAMS.iter().all(|name| folder.join(name).is_file());
        folders.into_iter().find(complete).map(|folder| Self { folder })
    }

    /// The server.
    pub(super) fn postgres(&self) -> PathBuf {
        self.folder.join("postgres")
    }

    /// The program that creates data folders.
    pub(super) fn initdb(&self) -> PathBuf {
        self.folder.join("initdb")
    }
}

/// The `bin` folders of the installed major versions, the newest first.
fn versions(root: &Path) -> Vec<PathBuf> {
    let names = fs::read_dir(root).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let mut versions: Vec<u32> = names.filter_map(|name| name.to_str()?.parse().ok()).collect();
    versions.sort_unstable_by(|a, b| b.cmp(a));
    versions.iter().map(|version| root.join(version.to_string()).join("bin")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_comes_first() -> std::io::Result<()> {
        let root = tempfile::tempdir()?;
        for name in ["9", "15", "16", "common"] {
            fs::create_dir(root.path().join(name))?;
        }
        let expected = ["16/bin", "15/bin", "9/bin"].map(|name| root.path().join(name));
        assert_eq!(versions(root.path()), expected);
        Ok(())
    }

    #[test]
    fn a_folder_counts_only_with_all_programs() -> std::io::Result<()> {
        let root = tempfile::tempdir()?;
        fs::write(root.path().join("postgres"), "")?;
        assert!(Programs::among([root.path().into()]).is_none());
        fs::write(root.path().join("initdb"), "")?;
        assert!(Programs::among([root.path().into()]).is_some());
        Ok(())
    }
}
