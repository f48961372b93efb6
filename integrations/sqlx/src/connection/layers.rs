//! What each level of a transaction has written and read: one layer for it, one per savepoint.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use dogpile::{Digest, Tags};

/// The layers of a connection; none outside of a transaction.
#[derive(Default)]
pub(crate) struct Layers(Vec<Layer>);

/// One level.
#[derive(Default)]
pub(crate) struct Layer {
    writes: Tags,
    /// How many tags of `writes` are of statements that touched certain rows alone.
    of_rows: usize,
    dirty: bool,
    outlives_rollback: bool,
    memory: HashMap<Digest, Arc<dyn Any + Send + Sync>>,
    memory_bytes: usize,
    callbacks: Vec<Callback>,
}

/// What is to be done once a transaction has committed.
pub(crate) type Callback = Box<dyn FnOnce() + Send + Sync>;

impl Layers {
    /// How many bytes of rows a level remembers; what would be more is not remembered.
    const MEMORY_BYTES: usize = 1 << 20;
    /// What a remembered read counts beside its rows.
    const ENTRY_BYTES: usize = 512;

    /// How many tags of rows a transaction collects.
    const MOST_OF_ROWS: usize = 128;

    pub(crate) fn push(&mut self) {
        self.0.push(Layer::default());
    }

    pub(crate) fn depth(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn top(&mut self) -> Option<&mut Layer> {
        self.0.last_mut()
    }

    /// The level of this number, the transaction being the first.
    pub(crate) fn at(&mut self, level: usize) -> Option<&mut Layer> {
        self.0.get_mut(level.checked_sub(1)?)
    }

    /// Whether any level has sent something that may have written.
    pub(crate) fn is_dirty(&self) -> bool {
        self.0.iter().any(|layer| layer.dirty)
    }

    /// Whether the next write may be told by its rows. After many it is told by its table: what a
    /// transaction owes is bounded.
    pub(crate) fn may_tell_rows(&self) -> bool {
        self.0.iter().map(|layer| layer.of_rows).sum::<usize>() < Self::MOST_OF_ROWS
    }

    /// What is owed when the top level commits: nothing for a savepoint.
    pub(crate) fn writes_to_publish(&self) -> Tags {
        match self.0.as_slice() {
            [transaction] => transaction.writes.clone(),
            _ => Tags::new(),
        }
    }

    /// What is to be run when the top level has committed: nothing for a savepoint.
    pub(crate) fn callbacks_to_run(&mut self) -> Vec<Callback> {
        match self.0.as_mut_slice() {
            [transaction] => std::mem::take(&mut transaction.callbacks),
            _ => Vec::new(),
        }
    }

    /// Whether something was sent that may have been committed behind the transaction's back, or have
    /// ended it.
    pub(crate) fn has_escaped(&self) -> bool {
        self.0.iter().any(|layer| layer.outlives_rollback)
    }

    /// All that was written, once any of it may have been committed behind the transaction's back.
    pub(crate) fn escaped_writes(&self) -> Tags {
        let mut tags = Tags::new();
        if self.has_escaped() {
            self.0.iter().for_each(|layer| tags.extend(layer.writes.iter()));
        }
        tags
    }

    /// The top level has committed: a savepoint's writes are now its parent's.
    pub(crate) fn commit(&mut self) {
        let Some(committed) = self.0.pop() else { return };
        if let Some(parent) = self.top() {
            parent.dirty |= committed.dirty;
            parent.outlives_rollback |= committed.outlives_rollback;
            parent.of_rows += committed.of_rows;
            parent.writes.extend(committed.writes.iter());
            parent.callbacks.extend(committed.callbacks);
        }
    }

    /// The top level is gone, with all that it wrote and remembered.
    ///
    /// Returns what must be invalidated all the same, because a rollback may not undo it.
    pub(crate) fn rollback(&mut self) -> Tags {
        match self.0.pop() {
            Some(layer) if layer.outlives_rollback => layer.writes,
            _ => Tags::new(),
        }
    }

    /// A value that this transaction has read before.
    pub(crate) fn recall(&self, key: Digest) -> Option<&Arc<dyn Any + Send + Sync>> {
        self.0.iter().rev().find_map(|layer| layer.memory.get(&key))
    }

    /// Remembers a value for the rest of the level.
    pub(crate) fn remember(
        &mut self,
        key: Digest,
        bytes: usize,
        value: Arc<dyn Any + Send + Sync>,
    ) {
        let Some(layer) = self.top() else { return };
        let bytes = layer.memory_bytes.saturating_add(bytes).saturating_add(Self::ENTRY_BYTES);
        if bytes <= Self::MEMORY_BYTES && layer.memory.insert(key, value).is_none() {
            layer.memory_bytes = bytes;
        }
    }
}

impl Layer {
    /// Does `callback` once the transaction has committed.
    pub(crate) fn on_commit(&mut self, callback: Callback) {
        self.callbacks.push(callback);
    }

    /// A statement was sent that writes certain rows alone.
    pub(crate) fn wrote_rows(&mut self, tags: &Tags) {
        self.wrote(tags, false);
        self.of_rows += tags.len();
    }

    /// A statement was sent that may write `tags`; `escapes` if a rollback may not undo it.
    pub(crate) fn wrote(&mut self, tags: &Tags, escapes: bool) {
        self.dirty = true;
        self.outlives_rollback |= escapes;
        self.writes.extend(tags.iter());
    }
}
