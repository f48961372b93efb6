//! A backend that does what a test tells it to.

use std::collections::{HashMap, HashSet, VecDeque};
use std::future::{Future, pending, poll_fn};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Notify;

use super::super::Operation;
use crate::backend::{
    Answer, Backend, Capabilities, Listener, Listening, Put, Result, Stamp, Stored, TagVersion,
    Taints, Writer,
};
use crate::error::{Error, ErrorKind};
use crate::lease::{BoxFuture, Locks};

/// What becomes of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// It does what it should, at its first poll.
    Answer,
    /// It does what it should after so many polls, and says so after so many more.
    Slow(usize, usize),
    /// It does what it should, and says so when it is released.
    Held,
    /// It fails and has done nothing.
    Fail,
    /// It fails, but has done what it should.
    FailLate,
    /// It never ends.
    Hang,
    PanicInCall,
    PanicInPoll,
    /// It panics when its future is dropped, which never ends otherwise.
    PanicInDrop,
    /// The answer has too many or too few parts.
    TooMany,
    TooFew,
    /// It answers, and the backend loses its memory right after.
    AnswerAndLose,
}

/// What several handles share.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) registers: HashMap<String, TagVersion>,
    pub(crate) entries: HashMap<String, Bytes>,
    pub(crate) writers: HashSet<(String, Writer)>,
    /// Every version that a register ever had.
    pub(crate) history: HashMap<String, Vec<TagVersion>>,
}

impl Memory {
    pub(crate) fn is_tainted(&self, register: &str) -> bool {
        self.writers.iter().any(|(tainted, _)| tainted == register)
    }

    fn set(&mut self, register: &str, version: TagVersion) {
        self.registers.insert(register.into(), version);
        self.history.entry(register.into()).or_default().push(version);
    }
}

#[derive(Debug)]
pub(crate) struct Fake {
    me: Weak<Self>,
    identity: String,
    pub(crate) memory: Arc<Mutex<Memory>>,
    pub(crate) incarnation: AtomicU64,
    script: Mutex<VecDeque<Act>>,
    /// What becomes of calls that the script says nothing about.
    usual: Mutex<Act>,
    /// Bumps of a register of this name fail.
    pub(crate) poison: Mutex<Option<String>>,
    /// The calls, in order, with the registers that they were about.
    pub(crate) calls: Mutex<Vec<(Operation, Vec<String>)>>,
    pub(crate) under_way: AtomicUsize,
    pub(crate) tokens: Mutex<Vec<TagVersion>>,
    pub(crate) release: Notify,
}

impl Fake {
    pub(crate) fn new() -> Arc<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let identity = format!("fake {}", NEXT.fetch_add(1, Ordering::SeqCst));
        Self::with(identity, Arc::default())
    }

    fn with(identity: String, memory: Arc<Mutex<Memory>>) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            identity,
            memory,
            incarnation: AtomicU64::new(1),
            script: Mutex::default(),
            usual: Mutex::new(Act::Answer),
            poison: Mutex::default(),
            calls: Mutex::default(),
            under_way: AtomicUsize::new(0),
            tokens: Mutex::default(),
            release: Notify::new(),
        })
    }

    /// Another handle of the same backend.
    pub(crate) fn again(&self) -> Arc<Self> {
        Self::with(self.identity.clone(), Arc::clone(&self.memory))
    }

    pub(crate) fn then(&self, acts: impl IntoIterator<Item = Act>) {
        self.script.lock().unwrap().extend(acts);
    }

    pub(crate) fn usually(&self, act: Act) {
        *self.usual.lock().unwrap() = act;
    }

    /// The backend loses what it was told of late: registers are as they were.
    pub(crate) fn lose(&self, registers: HashMap<String, TagVersion>) {
        self.memory.lock().unwrap().registers = registers;
        self.incarnation.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn registers(&self) -> HashMap<String, TagVersion> {
        self.memory.lock().unwrap().registers.clone()
    }

    pub(crate) fn version(&self, register: &str) -> Option<TagVersion> {
        self.memory.lock().unwrap().registers.get(register).copied()
    }

    pub(crate) fn is_tainted(&self, register: &str) -> bool {
        self.memory.lock().unwrap().is_tainted(register)
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls.lock().unwrap().len()
    }

    /// The registers of each bump.
    pub(crate) fn bumps(&self) -> Vec<Vec<String>> {
        let calls = self.calls.lock().unwrap();
        let bumps = calls.iter().filter(|(operation, _)| *operation == Operation::Bump);
        bumps.map(|(_, registers)| registers.clone()).collect()
    }

    fn call<'a, T: Send + 'a>(
        &'a self,
        operation: Operation,
        registers: Vec<String>,
        work: impl Fn(&mut Memory, isize) -> T + Send + Sync + 'a,
    ) -> BoxFuture<'a, Result<T>> {
        let poisoned = operation == Operation::Bump
            && self.poison.lock().unwrap().as_ref().is_some_and(|name| registers.contains(name));
        self.calls.lock().unwrap().push((operation, registers));
        let usual = *self.usual.lock().unwrap();
        let act = self.script.lock().unwrap().pop_front().unwrap_or(usual);
        let act = if poisoned { Act::Fail } else { act };
        assert!(act != Act::PanicInCall, "told to panic in the call");
        Box::pin(async move {
            let _under_way = UnderWay::new(&self.under_way);
            let work = |by| work(&mut self.memory.lock().unwrap(), by);
            let failed = || Error::new(ErrorKind::Unavailable, "test", "told to fail");
            match act {
                Act::Answer => Ok(work(0)),
                Act::Slow(before, after) => {
                    steps(before).await;
                    let answer = work(0);
                    steps(after).await;
                    Ok(answer)
                }
                Act::Held => {
                    let answer = work(0);
                    self.release.notified().await;
                    Ok(answer)
                }
                Act::Fail => Err(failed()),
                Act::FailLate => {
                    work(0);
                    Err(failed())
                }
                Act::Hang => pending().await,
                Act::PanicInCall | Act::PanicInPoll => panic!("told to panic in the poll"),
                Act::PanicInDrop => {
                    let _bomb = Bomb;
                    pending().await
                }
                Act::TooMany => Ok(work(1)),
                Act::TooFew => Ok(work(-1)),
                Act::AnswerAndLose => {
                    let before = self.registers();
                    let answer = work(0);
                    self.lose(before);
                    Ok(answer)
                }
            }
        })
    }
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("told to panic in the drop");
    }
}

struct UnderWay<'a>(&'a AtomicUsize);

impl<'a> UnderWay<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Waits for so many polls.
pub(crate) fn steps(mut left: usize) -> impl Future<Output = ()> {
    poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    })
}

/// As many as there are, and `by` more.
fn resized<T: Clone>(mut parts: Vec<T>, by: isize, filling: T) -> Vec<T> {
    let size = parts.len().saturating_add_signed(by);
    parts.resize(size, filling);
    parts
}

fn names(stamps: &[Stamp<'_>]) -> Vec<String> {
    stamps.iter().map(|stamp| stamp.register.into()).collect()
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

impl Backend for Fake {
    fn kind(&self) -> &'static str {
        "fake"
    }

    fn identity(&self) -> String {
        self.identity.clone()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::new()
    }

    fn incarnation(&self) -> u64 {
        let incarnation = self.incarnation.load(Ordering::SeqCst);
        assert!(incarnation != 0, "told to panic when asked for its incarnation");
        incarnation
    }

    fn read<'a>(
        &'a self,
        keys: &'a [&'a str],
        registers: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Answer>> {
        self.call(Operation::Read, owned(registers), move |memory, by| Answer {
            entries: keys.iter().map(|key| memory.entries.get(*key).cloned()).collect(),
            versions: resized(
                registers.iter().map(|name| memory.registers.get(*name).copied()).collect(),
                by,
                None,
            ),
            tainted: (0..registers.len()).filter(|i| memory.is_tainted(registers[*i])).collect(),
        })
    }

    fn create<'a>(
        &'a self,
        stamps: &'a [Stamp<'a>],
        _: Duration,
    ) -> BoxFuture<'a, Result<Vec<Option<TagVersion>>>> {
        self.tokens.lock().unwrap().extend(stamps.iter().map(|stamp| stamp.version));
        self.call(Operation::Create, names(stamps), move |memory, by| {
            let versions = stamps.iter().map(|stamp| {
                if !memory.registers.contains_key(stamp.register) {
                    memory.set(stamp.register, stamp.version);
                }
                Some(memory.registers[stamp.register])
            });
            resized(versions.collect(), by, Some(TagVersion(0)))
        })
    }

    fn bump<'a>(&'a self, stamps: &'a [Stamp<'a>], _: Duration) -> BoxFuture<'a, Result<()>> {
        self.tokens.lock().unwrap().extend(stamps.iter().map(|stamp| stamp.version));
        self.call(Operation::Bump, names(stamps), move |memory, _| {
            stamps.iter().for_each(|stamp| memory.set(stamp.register, stamp.version));
        })
    }

    fn store<'a>(
        &'a self,
        puts: &'a [Put<'a>],
        extend: &'a [&'a str],
        _: Duration,
    ) -> BoxFuture<'a, Result<Vec<Stored>>> {
        self.call(Operation::Store, owned(extend), move |memory, by| {
            let entries = puts.iter().map(|put| (put.key.to_owned(), put.bytes.clone()));
            memory.entries.extend(entries);
            resized(vec![Stored::Yes; puts.len()], by, Stored::Yes)
        })
    }

    fn remove<'a>(&'a self, keys: &'a [&'a str]) -> BoxFuture<'a, Result<()>> {
        self.call(Operation::Remove, Vec::new(), move |memory, _| {
            memory.entries.retain(|key, _| !keys.contains(&key.as_str()));
        })
    }

    fn locks(&self) -> Option<Arc<dyn Locks>> {
        None
    }

    fn taints(&self) -> Option<Arc<dyn Taints>> {
        Some(self.me.upgrade()?)
    }

    fn listen(&self, _: Arc<dyn Listener>) -> Option<Box<dyn Listening>> {
        None
    }
}

impl Taints for Fake {
    fn place<'a>(
        &'a self,
        stamps: &'a [Stamp<'a>],
        writer: Writer,
        _: Duration,
    ) -> BoxFuture<'a, Result<()>> {
        self.call(Operation::Place, names(stamps), move |memory, _| {
            for stamp in stamps {
                memory.set(stamp.register, stamp.version);
                memory.writers.insert((stamp.register.into(), writer));
            }
        })
    }

    fn renew<'a>(
        &'a self,
        registers: &'a [&'a str],
        writer: Writer,
        _: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        self.call(Operation::Renew, owned(registers), move |memory, _| {
            registers.iter().all(|name| memory.writers.contains(&((*name).to_owned(), writer)))
        })
    }

    fn lift<'a>(
        &'a self,
        stamps: &'a [Stamp<'a>],
        writer: Writer,
        _: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        self.tokens.lock().unwrap().extend(stamps.iter().map(|stamp| stamp.version));
        self.call(Operation::Lift, names(stamps), move |memory, _| {
            let lifted = stamps.iter().map(|stamp| {
                memory.set(stamp.register, stamp.version);
                memory.writers.remove(&(stamp.register.into(), writer))
            });
            lifted.filter(|held| !held).count() == 0
        })
    }
}
