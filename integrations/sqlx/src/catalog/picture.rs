//! What a pool goes by: a picture of the catalog's relations, and what it makes of each statement.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use dogpile::{Digest, Reason, Tag, Tags};
use dogpile_query::{Analysis, Bypass, BypassReason, Relations, TableName, tags};
use quick_cache::sync::Cache;
use tokio::time::Instant;

/// Of how many texts it is remembered what they depend on, and of how many what they move.
const MOST_TEXTS: usize = 4_096;

/// How old a picture is at least, when there is another one for a name that is not in it.
const PAUSE: Duration = Duration::from_secs(1);

/// Bypass: the database did not tell which tables are behind the names of a statement.
pub(crate) const UNKNOWN_RELATIONS: Reason = Reason::new("unknown_relations");

/// What is known of the relations of a database.
#[derive(Clone)]
enum Picture {
    /// Nobody has asked, or not since the schema changed.
    None,
    /// It may be from before the schema changed, where it is to be asked for again.
    Taken { relations: Arc<Relations>, at: Instant, again: bool },
    /// The database does not tell: every name may stand for anything.
    Refused,
}

/// What a read depends on.
pub(crate) enum Dependence {
    Known(Tags),
    /// It is not to be cached.
    None(Reason),
    /// Which tables are behind its names is not known yet.
    AskRelations,
    /// It may be one row, of a table whose key is not known yet: at most, these.
    AskKey(TableName, Tags),
}

/// The picture, and what was made of it.
pub(super) struct Pictured {
    picture: RwLock<Picture>,
    /// By the digest of a text, each with the generation of the picture.
    reads: Cache<Digest, (u64, Result<Tags, Reason>)>,
    writes: Cache<Digest, (u64, Tags)>,
}

impl Pictured {
    pub(super) fn new() -> Self {
        let (reads, writes) = (Cache::new(MOST_TEXTS), Cache::new(MOST_TEXTS));
        Self { picture: RwLock::new(Picture::None), reads, writes }
    }

    /// Whether the database is to be asked before anything else.
    pub(super) fn is_none(&self) -> bool {
        matches!(*self.read(), Picture::None)
    }

    /// Whether the database is to be asked at the next occasion.
    pub(super) fn is_due(&self) -> bool {
        matches!(*self.read(), Picture::None | Picture::Taken { again: true, .. })
    }

    /// The schema has changed.
    pub(super) fn forget(&self) {
        self.set(Picture::None);
    }

    /// The schema may have been changed by others, long enough ago: the picture serves until there is a
    /// new one.
    pub(super) fn doubt(&self) {
        let mut picture = self.picture.write().unwrap_or_else(PoisonError::into_inner);
        match &mut *picture {
            Picture::Taken { again, .. } => *again = true,
            Picture::None | Picture::Refused => *picture = Picture::None,
        }
    }

    pub(super) fn take(&self, relations: Relations) {
        let (relations, at) = (Arc::new(relations), Instant::now());
        self.set(Picture::Taken { relations, at, again: false });
    }

    pub(super) fn refuse(&self) {
        self.set(Picture::Refused);
    }

    /// What the read `analysis` of `sql` depends on; asked in `generation` of the picture.
    pub(super) fn depends(&self, analysis: &Analysis, sql: &str, generation: u64) -> Dependence {
        let digest = analysis.text_digest(sql, false);
        if let Some((_, known)) = self.reads.get(&digest).filter(|(then, _)| *then == generation) {
            return known.map_or_else(Dependence::None, Dependence::Known);
        }
        let (relations, at) = match self.read().clone() {
            Picture::None => return Dependence::AskRelations,
            Picture::Refused => return Dependence::None(UNKNOWN_RELATIONS),
            Picture::Taken { relations, at, .. } => (relations, at),
        };
        let found = relations.read(analysis).map_err(|bypass| bypass.reason());
        let reason = |reason: BypassReason| Reason::new(reason.code());
        if let Err(BypassReason::UnknownRelation) = found {
            let none = Dependence::None(reason(BypassReason::UnknownRelation));
            return if self.is_past(at) { Dependence::AskRelations } else { none };
        }
        let found = found.map_err(reason);
        self.reads.insert(digest, (generation, found.clone()));
        found.map_or_else(Dependence::None, Dependence::Known)
    }

    /// Whether a name that is not in a picture taken `at` a time may have been made since. Then there is
    /// to be another one.
    fn is_past(&self, at: Instant) -> bool {
        let is_past = at.elapsed() >= PAUSE;
        if is_past {
            self.doubt();
        }
        is_past
    }

    /// Why the read `analysis` is not to be cached, in words.
    pub(super) fn why_not(&self, analysis: &Analysis) -> Option<Bypass> {
        match &*self.read() {
            Picture::Taken { relations, .. } => relations.read(analysis).err(),
            Picture::None | Picture::Refused => None,
        }
    }

    /// What `analysis` of `sql` moves; asked in `generation` of the picture.
    pub(super) fn moved(&self, analysis: &Analysis, sql: &str, generation: u64) -> Tags {
        if analysis.write_tags().is_empty() {
            return Tags::new();
        }
        let digest = analysis.text_digest(sql, false);
        if let Some((_, known)) = self.writes.get(&digest).filter(|(then, _)| *then == generation) {
            return known;
        }
        let Picture::Taken { relations, at, .. } = self.read().clone() else {
            return everything(analysis.write_tags().clone());
        };
        let found = relations.written(analysis);
        if analysis.writes().iter().any(|table| !relations.knows(table)) {
            self.is_past(at);
            return found;
        }
        self.writes.insert(digest, (generation, found.clone()));
        found
    }

    /// What a write to `tables` moves of which nothing else is known.
    pub(super) fn moved_somehow(&self, tables: &[TableName]) -> Tags {
        match self.read().clone() {
            Picture::Taken { relations, .. } => relations.written_somehow(tables),
            Picture::None | Picture::Refused => everything(tags::written(tables)),
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Picture> {
        self.picture.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, picture: Picture) {
        *self.picture.write().unwrap_or_else(PoisonError::into_inner) = picture;
    }
}

fn everything(mut tags: Tags) -> Tags {
    tags.insert(Tag::all_tables());
    tags
}

impl fmt::Debug for Pictured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = match &*self.read() {
            Picture::Taken { relations, .. } => relations.len(),
            Picture::None | Picture::Refused => 0,
        };
        f.debug_struct("Pictured").field("relations", &known).finish_non_exhaustive()
    }
}
