//! A call that may create, before it is known whether it has to.

use super::Region;
use super::request::Request;

/// One call that may create: what is asked for and how the result is weighed.
pub(super) struct Creation<'r, W> {
    pub(super) region: &'r Region,
    pub(super) request: Request<'r>,
    /// The weight of a value in bytes, without what the cache adds itself; `None` keeps it out.
    pub(super) weigh: W,
}
