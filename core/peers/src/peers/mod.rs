//! The caches, each behind one way of asking.

mod cached;
mod cachet;
mod dogpile;
mod foyer;
mod hitbox;
mod moka;
mod quick_cache;

use std::future::Future;
use std::hint::black_box;
use std::ops::Range;
use std::time::Duration;

use crate::contest::{Contestant, Of};
use crate::rows::Creation;

/// How many entries a cache is told to have room for.
const CAPACITY: usize = 4_000_000;

/// How long a value is fresh, where a cache knows that.
const TTL: Duration = Duration::from_secs(3_600);

/// A cache that gets a value or creates it.
pub trait Peer: Send + Sync + 'static {
    const NAME: &'static str;
    /// Whether callers of one key are meant to share one creation.
    const COALESCES: bool;

    /// Called inside a tokio runtime.
    fn new() -> Self;

    /// The rows under `key`, handed out in whatever form the cache hands values out.
    fn ask(&self, key: u64, creation: Creation) -> impl Future<Output = impl Send> + Send;

    /// The rows under several keys: in one call where the cache has one for it.
    fn ask_all(&self, keys: Range<u64>, creation: Creation) -> impl Future<Output = ()> + Send {
        async move {
            for key in keys {
                black_box(self.ask(key, creation).await);
            }
        }
    }
}

/// All contestants; the first is what the others are compared with.
pub fn all() -> Vec<Box<dyn Contestant>> {
    vec![
        Of::<dogpile::Prepared>::boxed(),
        Of::<dogpile::Made>::boxed(),
        Of::<moka::Moka>::boxed(),
        Of::<quick_cache::QuickCache>::boxed(),
        Of::<cached::Cached>::boxed(),
        Of::<cachet::Cachet>::boxed(),
        Of::<foyer::Foyer>::boxed(),
        Of::<hitbox::Hitbox>::boxed(),
    ]
}

/// What the table does not say.
pub const NOT_HERE: &str = "
Each figure is of the round that was disturbed least; in brackets, how many times the first line's it is.
hitbox keeps bytes and decodes them at every hit; its memory includes them.
quick_cache and foyer know no time to live in memory.";
