//! The calls of a backend and of its leases, by name.

/// A call of a backend or of its leases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// [`Backend::read`](crate::backend::Backend::read).
    Read,
    /// [`Backend::create`](crate::backend::Backend::create).
    Create,
    /// [`Backend::bump`](crate::backend::Backend::bump).
    Bump,
    /// [`Backend::store`](crate::backend::Backend::store).
    Store,
    /// [`Backend::remove`](crate::backend::Backend::remove).
    Remove,
    /// [`Locks::try_acquire`](crate::Locks::try_acquire).
    Acquire,
    /// [`Locks::renew`](crate::Locks::renew).
    Renew,
    /// [`Locks::release`](crate::Locks::release).
    Release,
    /// [`Locks::abandon`](crate::Locks::abandon).
    Abandon,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Read,
        Self::Create,
        Self::Bump,
        Self::Store,
        Self::Remove,
        Self::Acquire,
        Self::Renew,
        Self::Release,
        Self::Abandon,
    ];

    /// The name used in logs and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Bump => "bump",
            Self::Store => "store",
            Self::Remove => "remove",
            Self::Acquire => "acquire",
            Self::Renew => "renew",
            Self::Release => "release",
            Self::Abandon => "abandon",
        }
    }
}
