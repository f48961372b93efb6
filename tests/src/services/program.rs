//! Where the programs of a service are.

use std::ffi::OsStr;
use std::path::PathBuf;

use super::{Error, Result};

/// A folder of servers.
const SERVERS: &str = "/usr/sbin";

/// The program that runs a server.
#[derive(Debug, Clone, Copy)]
pub(super) struct Program {
    /// The service, as people call it.
    pub(super) service: &'static str,
    /// The file.
    pub(super) name: &'static str,
    /// The package that brings it on Debian and Ubuntu.
    pub(super) package: &'static str,
}

impl Program {
    /// The first one on `PATH`, or where Debian keeps servers, which is not on everybody's `PATH`.
    pub(super) fn find(self) -> Result<PathBuf> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let found = self.among(&path).or_else(|| self.among(OsStr::new(SERVERS)));
        found.ok_or_else(|| Error::NotInstalled {
            service: self.service,
            programs: format!("`{}`", self.name),
            package: self.package,
        })
    }

    fn among(self, path: &OsStr) -> Option<PathBuf> {
        std::env::split_paths(path).map(|folder| folder.join(self.name)).find(|file| file.is_file())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const CAKES: Program = Program { service: "Cakes", name: "cake-server", package: "cakes" };

    #[test]
    fn the_first_one_on_the_path_is_taken() -> std::io::Result<()> {
        let root = tempfile::tempdir()?;
        let folders = ["empty", "first", "second"].map(|name| root.path().join(name));
        for folder in &folders {
            fs::create_dir(folder)?;
        }
        let path = std::env::join_paths(&folders).map_err(std::io::Error::other)?;
        assert_eq!(CAKES.among(&path), None);
        for folder in &folders[1..] {
            fs::write(folder.join("cake-server"), "")?;
        }
        assert_eq!(CAKES.among(&path), Some(folders[1].join("cake-server")));
        Ok(())
    }

    #[test]
    fn a_missing_one_says_what_to_install() {
        let error = CAKES.find().unwrap_err().to_string();
        assert!(error.contains("`cake-server`") && error.contains("apt-get install cakes"));
    }
}
