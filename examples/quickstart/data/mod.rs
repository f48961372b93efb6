//! TPC-H in a SQLite file: loaded once, kept, checked, and worked on as a copy.

mod check;
mod load;
mod tables;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use crate::clock::Watch;
use crate::failure::Failure;
use crate::folder::RunFolder;

/// The database that this run may write to.
#[derive(Debug)]
pub(crate) struct Data {
    pub(crate) rows: u64,
    /// How long loading took, if this run loaded.
    pub(crate) loaded_in: Option<Duration>,
    pub(crate) pool: SqlitePool,
    /// Removes the copy when the run ends.
    _run: RunFolder,
}

/// Where the finished database of a scale is kept.
pub(crate) fn kept(folder: &Path, scale: f64) -> PathBuf {
    folder.join(format!("tpch-{scale}.sqlite"))
}

impl Data {
    /// Loads what was never loaded, then opens a checked copy of it.
    pub(crate) async fn open(folder: &Path, scale: f64, quiet: bool) -> Result<Self, Failure> {
        let run = RunFolder::create(folder)?;
        let kept = kept(folder, scale);
        let loaded_in = if kept.exists() {
            None
        } else {
            Some(load_into(&kept, &run.file("loading.sqlite"), scale, quiet).await?)
        };
        let copy = run.file("work.sqlite");
        copy_file(&kept, &copy)
            .map_err(|e| Failure::file("make a copy to work on of", &kept, &e))?;
        let (pool, rows) = check::open(&copy).await.map_err(|why| why.blame(&kept))?;
        Ok(Self { rows, loaded_in, pool, _run: run })
    }
}

/// Loads under another name first: a run that is killed leaves no half a database.
async fn load_into(
    kept: &Path,
    loading: &Path,
    scale: f64,
    quiet: bool,
) -> Result<Duration, Failure> {
    let watch = Watch::start();
    load::load(loading, scale, quiet).await.map_err(|e| Failure::from(e).about(kept))?;
    File::open(loading)
        .and_then(|file| file.sync_all())
        .and_then(|()| fs::rename(loading, kept))
        .map_err(|e| Failure::file("keep the database as", kept, &e))?;
    Ok(watch.elapsed())
}

/// The content alone: the copy is writable even where the original is not.
fn copy_file(from: &Path, to: &Path) -> io::Result<u64> {
    io::copy(&mut File::open(from)?, &mut File::create(to)?)
}

/// A copy is thrown away, so it need not survive a power failure.
async fn connect(file: &Path) -> sqlx::Result<SqlitePool> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Off);
    SqlitePoolOptions::new().max_connections(8).connect_with(options).await
}
