//! The account that servers run under.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use super::{Error, Result};

/// Accounts to drop to, the best one first.
const CANDIDATES: [&str; 2] = ["postgres", "nobody"];

/// The account that a server and its preparation run under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Account {
    /// The one that runs the tests.
    Own {
        /// Its user id.
        user: u32,
    },
    /// Another, because the tests run as root and PostgreSQL refuses to.
    Other {
        /// Its user id.
        user: u32,
        /// Its group id.
        group: u32,
    },
}

impl Account {
    /// The account for servers.
    ///
    /// # Errors
    ///
    /// [`Error::NoAccount`] for root on a machine with no account to drop to.
    pub(super) fn for_servers() -> Result<Self> {
        let user = own_user()?;
        if user != 0 {
            return Ok(Self::Own { user });
        }
        let accounts = fs::read_to_string("/etc/passwd").map_err(Error::io("read /etc/passwd"))?;
        CANDIDATES.iter().find_map(|name| find(&accounts, name)).ok_or(Error::NoAccount)
    }

    /// Its user id.
    #[cfg(any(test, feature = "databases"))]
    pub(super) fn user(self) -> u32 {
        match self {
            Self::Own { user } | Self::Other { user, .. } => user,
        }
    }

    /// Lets `command` run under it.
    pub(super) fn run(self, command: &mut Command) {
        if let Self::Other { user, group } = self {
            command.uid(user).gid(group);
        }
    }

    /// Hands `path` over to it.
    pub(super) fn own(self, path: &Path) -> Result<()> {
        let Self::Other { user, group } = self else {
            return Ok(());
        };
        chown(path, Some(user), Some(group))
            .map_err(Error::io(format!("hand {} to user {user}", path.display())))
    }
}

/// The user who runs the tests. The owner of a new file tells it without a call into libc.
pub(super) fn own_user() -> Result<u32> {
    let metadata = tempfile::tempfile().and_then(|file| file.metadata());
    Ok(metadata.map_err(Error::io("create a file in the folder for temporary files"))?.uid())
}

/// The account with that name in the text of a password file.
fn find(accounts: &str, name: &str) -> Option<Account> {
    accounts.lines().find_map(|line| {
        let fields: Vec<_> = line.split(':').collect();
        let [found, _, user, group, ..] = fields[..] else {
            return None;
        };
        (found == name).then_some(())?;
        Some(Account::Other { user: user.parse().ok()?, group: group.parse().ok()? })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNTS: &str = "root:x:0:0:root:/root:/bin/sh\n\
                            broken\n\
                            postgres:x:101:104:,,,:/var/lib/postgresql:/bin/bash\n";

    #[test]
    fn an_account_is_found_by_its_whole_name() {
        assert_eq!(find(ACCOUNTS, "postgres"), Some(Account::Other { user: 101, group: 104 }));
        assert_eq!(find(ACCOUNTS, "post"), None);
        assert_eq!(find(ACCOUNTS, "broken"), None);
    }

    #[test]
    fn servers_never_run_as_root() -> Result<()> {
        assert_ne!(Account::for_servers()?.user(), 0);
        Ok(())
    }
}
