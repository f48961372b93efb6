//! What a backend tells of invalidations that others make.

use std::fmt::Debug;

/// Hears of every invalidation in a backend, whoever makes it.
///
/// Given to [`Backend::listen`](super::Backend::listen) by a region whose coherence is
/// [`Push`](crate::Coherence::Push), and called by the backend.
///
/// # Contract
///
/// * After [`begins`](Self::begins), and until [`lost`](Self::lost), every register that is bumped
///   or tainted, by any process, is told by [`moved`](Self::moved) within the time that a message
///   takes.
/// * Whatever may have kept a message from coming is told by `lost`: a connection that ended, a gap
///   in a publisher's numbers, a heartbeat that did not come. Messages are then told again only
///   after the next `begins`.
/// * The calls may come from any thread, must not block, and may be made more than once.
pub trait Listener: Debug + Send + Sync + 'static {
    /// From now on everything is told.
    fn begins(&self);

    /// A register has another version, or writers.
    fn moved(&self, register: &str);

    /// Something may not have been told.
    fn lost(&self);
}

/// Listening goes on for as long as this is kept.
pub trait Listening: Debug + Send + Sync + 'static {}
