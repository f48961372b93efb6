//! The backend that keeps nothing.

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use super::{
    Answer, Backend, Capabilities, Listener, Listening, Put, Stamp, Stored, TagVersion, Taints,
    Transactional,
};
use crate::error::Result;
use crate::lease::{BoxFuture, Locks};

/// Takes everything, keeps nothing and answers at once: a cache that is switched off.
///
/// To a region it looks like a backend that loses every entry and every register immediately.
///
/// ```
/// use dogpile::backend::{BackendExt, NullBackend};
/// use dogpile::minutes;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> dogpile::Result<()> {
/// NullBackend.put("greeting", "hello", minutes(5)).await?;
/// assert_eq!(NullBackend.get("greeting").await?, None);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct NullBackend;

#[deny(clippy::missing_trait_methods)]
impl Backend for NullBackend {
    fn kind(&self) -> &'static str {
        "null"
    }

    fn identity(&self) -> String {
        "null".to_owned()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::new().keeps(false)
    }

    fn incarnation(&self) -> u64 {
        0
    }

    fn read<'a>(
        &'a self,
        keys: &'a [&'a str],
        registers: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Answer>> {
        let answer = Answer {
            entries: vec![None; keys.len()],
            versions: vec![None; registers.len()],
            tainted: Vec::new(),
        };
        Box::pin(ready(Ok(answer)))
    }

    fn create<'a>(
        &'a self,
        stamps: &'a [Stamp<'a>],
        _: Duration,
    ) -> BoxFuture<'a, Result<Vec<Option<TagVersion>>>> {
        Box::pin(ready(Ok(stamps.iter().map(|stamp| Some(stamp.version)).collect())))
    }

    fn bump<'a>(&'a self, _: &'a [Stamp<'a>], _: Duration) -> BoxFuture<'a, Result<()>> {
        Box::pin(ready(Ok(())))
    }

    fn store<'a>(
        &'a self,
        puts: &'a [Put<'a>],
        _: &'a [&'a str],
        _: Duration,
    ) -> BoxFuture<'a, Result<Vec<Stored>>> {
        Box::pin(ready(Ok(vec![Stored::Yes; puts.len()])))
    }

    fn remove<'a>(&'a self, _: &'a [&'a str]) -> BoxFuture<'a, Result<()>> {
        Box::pin(ready(Ok(())))
    }

    fn locks(&self) -> Option<Arc<dyn Locks>> {
        None
    }

    fn taints(&self) -> Option<Arc<dyn Taints>> {
        None
    }

    fn transactional(&self) -> Option<Arc<dyn Transactional>> {
        None
    }

    fn listen(&self, _: Arc<dyn Listener>) -> Option<Box<dyn Listening>> {
        None
    }
}
