//! Where servers keep their files.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::account::{Account, own_user};
use super::{Error, Result};

/// A new, empty folder that belongs to the account of the servers.
///
/// It lies in the folder for temporary files and not under `target`, because another account must
/// be able to reach it, and because the path of a Unix socket has room for about 100 characters.
pub(super) fn scratch(service: &str, account: Account) -> Result<TempDir> {
    let folder = tempfile::Builder::new()
        .prefix(&format!("dogpile-{service}-"))
        .tempdir()
        .map_err(Error::io("create a folder for a server"))?;
    account.own(folder.path())?;
    Ok(folder)
}

/// The folder `name` of what outlives a test: templates and logs. One root for each user.
pub(super) fn kept(name: &str) -> Result<PathBuf> {
    let root = std::env::temp_dir().join(format!("dogpile-tests-{}", own_user()?));
    ensure(&root)?;
    let folder = root.join(name);
    ensure(&folder)?;
    Ok(folder)
}

/// Creates the folder unless it is there, and refuses one that somebody else prepared for us.
fn ensure(folder: &Path) -> Result<()> {
    let failed = |error| Error::io(format!("use the folder {}", folder.display()))(error);
    match fs::create_dir(folder) {
        // Whatever the umask is, the account of the servers must get through.
        Ok(()) => fs::set_permissions(folder, Permissions::from_mode(0o755)).map_err(failed)?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(failed(error)),
    }
    let metadata = fs::symlink_metadata(folder).map_err(failed)?;
    if metadata.is_dir() && metadata.uid() == own_user()? {
        return Ok(());
    }
    Err(failed(io::Error::other("it exists and is not a folder of this user")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_created_once_and_then_reused() -> Result<()> {
        let kept_here = kept("logs")?;
        assert_eq!(kept_here, kept("logs")?);
        Ok(())
    }

    #[test]
    fn what_is_not_a_folder_is_refused() -> Result<()> {
        let parent = scratch("unit-test", Account::Own { user: own_user()? })?;
        let file = parent.path().join("file");
        fs::write(&file, "").map_err(Error::io("write a file"))?;
        assert!(matches!(ensure(&file), Err(Error::Io { .. })));
        Ok(())
    }
}
