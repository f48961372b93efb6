//! The calls of a backend, of its leases and of its taints, by name.

/// A call of a backend, of its leases or of its taints.
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
    /// [`Taints::place`](crate::backend::Taints::place).
    Place,
    /// [`Taints::renew`](crate::backend::Taints::renew).
    RenewTaints,
    /// [`Taints::lift`](crate::backend::Taints::lift).
    Lift,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Read,
        Self::Create,
        Self::Bump,
        Self::Store,
        Self::Remove,
        Self::Acquire,
        Self::Renew,
        Self::Release,
        Self::Abandon,
        Self::Place,
        Self::RenewTaints,
        Self::Lift,
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
            Self::Place => "place",
            Self::RenewTaints => "renew_taints",
            Self::Lift => "lift",
        }
    }
}
