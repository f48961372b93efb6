//! What is there of the tables.

use std::fmt;

/// How far the tables of one place are. Its text has a line for each migration.
///
/// ```
/// # use dogpile_migrations::Migrations;
/// # use sqlx::SqlitePool;
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let pool = SqlitePool::connect("sqlite::memory:").await?;
/// let status = Migrations::new().status(&pool).await?;
/// assert_eq!(status.to_string(), "0001_store  pending\n0002_log  pending");
/// assert!(!status.is_complete());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// The migrations of this release, the first one first.
    pub steps: Vec<Step>,
    /// The newest version in the database, where it is newer than all of this release.
    pub newer: Option<i64>,
}

/// One migration.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Step {
    /// The version of the tables that it leads to.
    pub version: i64,
    /// Its number and name, such as `0001_store`.
    pub title: String,
    /// Whether it was applied.
    pub state: State,
}

/// Whether a migration was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It was, and its tables are there.
    Applied {
        /// When: milliseconds since 1970 of the database's clock.
        at: i64,
    },
    /// It was not, or not to its end.
    Pending,
    /// It was, and tables were dropped since.
    Damaged {
        /// These, with their prefix and without the schema.
        missing: Vec<String>,
    },
}

impl Status {
    /// Whether nothing is left to do: all migrations of this release were applied. Those of a newer
    /// release may be there as well.
    pub fn is_complete(&self) -> bool {
        self.pending().next().is_none()
    }

    /// The migrations that `up` would apply.
    pub fn pending(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| !matches!(step.state, State::Applied { .. }))
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.steps.iter().enumerate() {
            let end = if index == 0 { "" } else { "\n" };
            write!(f, "{end}{}  {}", step.title, step.state)?;
        }
        match self.newer {
            Some(version) => write!(f, "\nversion {version} of a newer release is there"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Applied { .. } => f.write_str("applied"),
            Self::Pending => f.write_str("pending"),
            Self::Damaged { missing } => write!(f, "damaged, without {}", missing.join(", ")),
        }
    }
}
