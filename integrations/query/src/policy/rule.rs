//! What is said of some tables.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use dogpile::{Tag, Tags};

/// Which reads of a table may be cached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Caching {
    /// None.
    Never,
    /// Those that say of themselves that they be cached.
    Marked,
    /// All.
    Always,
}

/// How the reads of some tables are cached.
///
/// A part of a [`Policy`](crate::Policy), which says what becomes of a read of several tables.
///
/// ```
/// use std::cell::Cell;
/// use std::time::Duration;
///
/// use dogpile_query::{Policy, Rule};
///
/// thread_local! {
///     static TENANT: Cell<Option<u32>> = const { Cell::new(None) };
/// }
///
/// let policy = Policy::all()
///     .rule("price", Rule::allow().ttl(Duration::from_secs(30)).tag("prices"))
///     .rule("invoice", Rule::allow().scope("tenant", || TENANT.get()))
///     .rule("token", Rule::deny());
/// ```
#[derive(Debug, Clone)]
pub struct Rule {
    pub(super) caching: Caching,
    pub(super) ttl: Option<Duration>,
    pub(super) stale_for: Option<Duration>,
    pub(super) none_ttl: Option<Duration>,
    pub(super) tags: Tags,
    pub(super) scope: Option<Scope>,
    pub(super) needs_scope: bool,
}

/// What results are kept apart by, asked for at each read.
#[derive(Clone)]
pub(super) struct Scope {
    pub(super) name: Arc<str>,
    pub(super) value: Arc<dyn Fn() -> Option<String> + Send + Sync>,
}

impl Rule {
    /// Reads are cached.
    pub const fn allow() -> Self {
        Self::of(Caching::Always)
    }

    /// Reads are cached that say so of themselves, and no others.
    pub const fn explicit() -> Self {
        Self::of(Caching::Marked)
    }

    /// No read is cached.
    pub const fn deny() -> Self {
        Self::of(Caching::Never)
    }

    const fn of(caching: Caching) -> Self {
        Self {
            caching,
            ttl: None,
            stale_for: None,
            none_ttl: None,
            tags: Tags::new(),
            scope: None,
            needs_scope: false,
        }
    }

    /// How long a result is fresh.
    ///
    /// Of the rules of several tables the shortest counts; a table whose rule sets none does not.
    ///
    /// Default: the region's.
    #[must_use]
    pub const fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = Some(ttl);
        self
    }

    /// How long past that the old result is served while one caller fetches the next; of several the
    /// shortest.
    ///
    /// Default: the region's.
    #[must_use]
    pub const fn stale_for(mut self, stale_for: Duration) -> Self {
        self.stale_for = Some(stale_for);
        self
    }

    /// How long the answer that there is no row is fresh; of several the shortest.
    ///
    /// Default: as any other result.
    #[must_use]
    pub const fn none_ttl(mut self, ttl: Duration) -> Self {
        self.none_ttl = Some(ttl);
        self
    }

    /// Adds a tag to those of the tables.
    ///
    /// Default: none.
    #[must_use]
    pub fn tag(mut self, tag: impl Into<Tag>) -> Self {
        self.tags.insert(tag);
        self
    }

    /// Adds several tags to those of the tables.
    ///
    /// Default: none.
    #[must_use]
    pub fn tags(mut self, tags: impl IntoIterator<Item = impl Into<Tag>>) -> Self {
        self.tags.extend(tags);
        self
    }

    /// Keeps results apart by what `value` gives at each read, such as the tenant of the current task.
    /// A read for which it gives `None` is not cached.
    ///
    /// `name` says what it is, and tells it apart from other scopes. Called again, the last one counts.
    /// `value` is asked where the read is polled, and must be quick.
    ///
    /// Default: none.
    #[must_use]
    pub fn scope<V: fmt::Display>(
        mut self,
        name: impl Into<Arc<str>>,
        value: impl Fn() -> Option<V> + Send + Sync + 'static,
    ) -> Self {
        let value = Arc::new(move || value().map(|value| value.to_string()));
        self.scope = Some(Scope { name: name.into(), value });
        self
    }

    /// Caches only reads that have a scope: of their own, of their connection, or of a rule.
    ///
    /// For tables whose rows belong to somebody: a read whose scope was forgotten goes to the database.
    ///
    /// Default: reads without a scope are cached too.
    #[must_use]
    pub const fn needs_scope(mut self) -> Self {
        self.needs_scope = true;
        self
    }
}

impl Default for Rule {
    fn default() -> Self {
        Self::allow()
    }
}

impl Scope {
    /// Whether `other` is the same one, and not only of the same name.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.value, &other.value)
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Scope").field(&self.name).finish()
    }
}
