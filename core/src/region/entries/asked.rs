//! What is asked for several keys: the options once, and the keys.

use crate::key::{Digest, Key};
use crate::lent::Lent;
use crate::region::request::Request;
use crate::tag::Tags;

/// Several keys, each once, and the options that they share.
#[derive(Debug, Clone)]
pub(super) struct Asked<'r> {
    pub(super) keys: Vec<Key>,
    /// The options; the key in it stands for none of them.
    pub(super) options: Request<'r>,
    /// The tags of each key alone; empty if no key has any.
    pub(super) own_tags: Vec<Tags>,
}

static NO_KEY: Key = Key::fingerprint(Digest { lookup: 0, check: 0 });

impl Asked<'_> {
    pub(super) fn new(expected: usize) -> Self {
        let options = Request::new(Lent::Kept(&NO_KEY));
        Self { keys: Vec::with_capacity(expected), options, own_tags: Vec::new() }
    }

    /// A request for each key, which borrows all it can.
    pub(super) fn requests(&self) -> Vec<Request<'_>> {
        let mut requests: Vec<_> = self.keys.iter().map(|key| self.options.at(key)).collect();
        for (request, own) in requests.iter_mut().zip(&self.own_tags) {
            request.tags.to_mut().join(own);
        }
        requests
    }
}
