//! A backend that stores entries in another form than they have.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::backend::{
    Answer, Backend, Capabilities, Listener, Listening, Put, Stamp, Stored, TagVersion, Taints,
    Transactional,
};
use crate::error::Result;
use crate::lease::{BoxFuture, Locks};

/// From an entry to the form in which it is stored, and back.
pub(super) trait Form: Debug + Send + Sync + 'static {
    /// How many bytes the form can be longer than the entry.
    const OVERHEAD: u64;

    fn encode(&self, name: &str, entry: &Bytes) -> Result<Bytes>;

    /// `None` for bytes that this form cannot have made of an entry of this name.
    fn decode(&self, name: &str, stored: Bytes) -> Option<Bytes>;
}

#[derive(Debug)]
pub(super) struct Transformed<F> {
    inner: Arc<dyn Backend>,
    form: F,
}

impl<F: Form> Transformed<F> {
    pub(super) fn new(inner: Arc<dyn Backend>, form: F) -> Self {
        Self { inner, form }
    }

    fn encode<'a>(&self, put: &Put<'a>) -> Result<Put<'a>> {
        Ok(Put { bytes: self.form.encode(put.key, &put.bytes)?, ..put.clone() })
    }
}

#[deny(clippy::missing_trait_methods)]
impl<F: Form> Backend for Transformed<F> {
    fn kind(&self) -> &'static str {
        self.inner.kind()
    }

    fn identity(&self) -> String {
        self.inner.identity()
    }

    fn capabilities(&self) -> Capabilities {
        let inner = self.inner.capabilities();
        match inner.max_entry {
            Some(bytes) => inner.max_entry(bytes.saturating_sub(F::OVERHEAD)),
            None => inner,
        }
    }

    fn incarnation(&self) -> u64 {
        self.inner.incarnation()
    }

    fn read<'a>(
        &'a self,
        keys: &'a [&'a str],
        registers: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Answer>> {
        Box::pin(async move {
            let mut answer = self.inner.read(keys, registers).await?;
            let stored = std::mem::take(&mut answer.entries).into_iter().zip(keys);
            let read = |(stored, name): (Option<Bytes>, &&str)| {
                stored.and_then(|stored| self.form.decode(name, stored))
            };
            answer.entries = stored.map(read).collect();
            Ok(answer)
        })
    }

    fn create<'a>(
        &'a self,
        stamps: &'a [Stamp<'a>],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Option<TagVersion>>>> {
        self.inner.create(stamps, life)
    }

    fn bump<'a>(&'a self, stamps: &'a [Stamp<'a>], life: Duration) -> BoxFuture<'a, Result<()>> {
        self.inner.bump(stamps, life)
    }

    fn store<'a>(
        &'a self,
        puts: &'a [Put<'a>],
        extend: &'a [&'a str],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Stored>>> {
        Box::pin(async move {
            let puts = puts.iter().map(|put| self.encode(put)).collect::<Result<Vec<_>>>()?;
            self.inner.store(&puts, extend, life).await
        })
    }

    fn remove<'a>(&'a self, keys: &'a [&'a str]) -> BoxFuture<'a, Result<()>> {
        self.inner.remove(keys)
    }

    fn locks(&self) -> Option<Arc<dyn Locks>> {
        self.inner.locks()
    }

    fn taints(&self) -> Option<Arc<dyn Taints>> {
        self.inner.taints()
    }

    fn transactional(&self) -> Option<Arc<dyn Transactional>> {
        self.inner.transactional()
    }

    fn listen(&self, listener: Arc<dyn Listener>) -> Option<Box<dyn Listening>> {
        self.inner.listen(listener)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{Form, Transformed};
    use crate::backend::{Backend, BackendExt, MemoryBackend};
    use crate::error::Result;
    use crate::minutes;

    /// Puts an `x` in front.
    #[derive(Debug)]
    struct Marked;

    impl Form for Marked {
        const OVERHEAD: u64 = 1;

        fn encode(&self, _: &str, entry: &Bytes) -> Result<Bytes> {
            Ok([b"x", &entry[..]].concat().into())
        }

        fn decode(&self, _: &str, stored: Bytes) -> Option<Bytes> {
            stored.strip_prefix(b"x").map(Bytes::copy_from_slice)
        }
    }

    #[tokio::test]
    async fn entries_are_stored_in_their_form_and_what_has_another_is_absent() {
        let memory = MemoryBackend::new();
        let marked = Transformed::new(memory.clone().shared(), Marked);
        marked.put("a", "entry", minutes(5)).await.unwrap();
        memory.put("b", "entry", minutes(5)).await.unwrap();
        assert_eq!(memory.get("a").await.unwrap().unwrap(), "xentry");
        let entries = marked.read(&["a", "b"], &[]).await.unwrap().entries;
        assert_eq!(entries, [Some("entry".into()), None]);
        let room = |backend: &dyn Backend| backend.capabilities().max_entry.unwrap();
        assert_eq!(room(&marked), room(&memory) - 1);
    }
}
