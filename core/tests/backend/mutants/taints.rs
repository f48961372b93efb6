//! Defects of taints.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dogpile::backend::{
    Answer, Backend, Capabilities, MemoryBackend, Put, Stamp, Stored, TagVersion, Taints, Writer,
};
use dogpile::{BoxFuture, Result, secs};
use tokio::task::yield_now;

use super::defect::{Defect, unavailable};
use super::entries::DAY;

#[derive(Debug)]
pub(super) struct TaintsUntold;

impl Defect for TaintsUntold {
    fn capabilities(&self, inner: &MemoryBackend) -> Capabilities {
        inner.capabilities().taints(false)
    }
}

#[derive(Debug)]
pub(super) struct HidesTaints;

impl Defect for HidesTaints {
    fn read<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        keys: &'a [&'a str],
        registers: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Answer>> {
        Box::pin(async move {
            let answer = inner.read(keys, registers).await?;
            Ok(Answer { tainted: Vec::new(), ..answer })
        })
    }
}

#[derive(Debug)]
pub(super) struct CreatesTainted;

impl Defect for CreatesTainted {
    fn create<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        stamps: &'a [Stamp<'a>],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Option<TagVersion>>>> {
        Box::pin(async move {
            let hold = inner.create(stamps, life).await?;
            let says = hold.iter().zip(stamps).map(|(held, stamp)| held.or(Some(stamp.version)));
            Ok(says.collect())
        })
    }
}

/// What a store of taints may get wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// One mark instead of a set of writers.
    OneMark,
    BumpErases,
    /// A register that is named twice counts as one whose taint is gone.
    CountsTwice,
    LiftsOldVersion,
    AlwaysLifted,
    /// Writes nothing where the writer is not there.
    LiftsOwnOnly,
    AlwaysRenewed,
    RenewPlaces,
    RenewsNothing,
    Endless,
    ExtendRenews,
    LiftKeepsLife,
    /// Reads the writers, and writes them back a moment later with one more.
    LooksThenPlaces,
    StaysBusy,
}

#[derive(Debug)]
pub(super) struct Wrong {
    fault: Fault,
    /// The writers of each register, and the version that the last of them gave it.
    writers: Mutex<HashMap<String, (Vec<Writer>, TagVersion)>>,
    busy: AtomicBool,
}

impl Wrong {
    pub(super) fn new(fault: Fault) -> Self {
        Self { fault, writers: Mutex::default(), busy: AtomicBool::new(false) }
    }

    fn is(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    fn writers_of(&self, register: &str) -> Vec<Writer> {
        let writers = self.writers.lock().unwrap();
        writers.get(register).map(|(writers, _)| writers.clone()).unwrap_or_default()
    }

    fn note(&self, stamp: &Stamp<'_>, writers: Vec<Writer>) {
        let mut all = self.writers.lock().unwrap();
        all.insert(stamp.register.to_owned(), (writers, stamp.version));
    }
}

impl Defect for Wrong {
    fn bump<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        stamps: &'a [Stamp<'a>],
        life: Duration,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for stamp in stamps.iter().filter(|_| self.is(Fault::BumpErases)) {
                for writer in self.writers_of(stamp.register) {
                    Taints::lift(inner, &[*stamp], writer, life).await?;
                }
            }
            inner.bump(stamps, life).await
        })
    }

    fn store<'a>(
        &'a self,
        inner: &'a MemoryBackend,
        puts: &'a [Put<'a>],
        extend: &'a [&'a str],
        life: Duration,
    ) -> BoxFuture<'a, Result<Vec<Stored>>> {
        Box::pin(async move {
            for register in extend.iter().filter(|_| self.is(Fault::ExtendRenews)) {
                for writer in self.writers_of(register) {
                    Taints::renew(inner, &[register], writer, life).await?;
                }
            }
            inner.store(puts, extend, life).await
        })
    }

    fn taints(self: Arc<Self>, inner: Arc<dyn Taints>) -> Arc<dyn Taints> {
        Arc::new(WrongTaints { inner, wrong: self })
    }
}

#[derive(Debug)]
struct WrongTaints {
    inner: Arc<dyn Taints>,
    wrong: Arc<Wrong>,
}

impl WrongTaints {
    fn mark(&self, writer: Writer) -> Writer {
        if self.wrong.is(Fault::OneMark) { Writer(0) } else { writer }
    }

    async fn busy(&self) -> Result<()> {
        if self.wrong.is(Fault::StaysBusy) {
            if self.wrong.busy.swap(true, Ordering::SeqCst) {
                return Err(unavailable("place"));
            }
            yield_now().await;
            self.wrong.busy.store(false, Ordering::SeqCst);
        }
        Ok(())
    }

    /// Those who came since the look are overwritten.
    async fn forget(&self, stamp: &Stamp<'_>, looked: &[Writer]) -> Result<()> {
        for lost in self.wrong.writers_of(stamp.register) {
            if !looked.contains(&lost) {
                self.inner.lift(&[*stamp], lost, DAY).await?;
            }
        }
        Ok(())
    }
}

impl Taints for WrongTaints {
    fn place<'a>(
        &'a self,
        stamps: &'a [Stamp<'a>],
        writer: Writer,
        life: Duration,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.busy().await?;
            let life = if self.wrong.is(Fault::Endless) { DAY } else { life };
            for stamp in stamps {
                let mut looked = self.wrong.writers_of(stamp.register);
                looked.push(writer);
                if self.wrong.is(Fault::LooksThenPlaces) {
                    yield_now().await;
                    self.forget(stamp, &looked).await?;
                }
                self.wrong.note(stamp, looked);
            }
            self.inner.place(stamps, self.mark(writer), life).await
        })
    }

    fn renew<'a>(
        &'a self,
        registers: &'a [&'a str],
        writer: Writer,
        life: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let life = if self.wrong.is(Fault::RenewsNothing) { Duration::ZERO } else { life };
            if self.wrong.is(Fault::RenewPlaces) {
                for register in registers {
                    let stamp = Stamp { register, version: TagVersion::random() };
                    self.inner.place(&[stamp], writer, life).await?;
                }
            }
            let held = self.inner.renew(registers, self.mark(writer), life).await?;
            Ok(held || self.wrong.is(Fault::AlwaysRenewed))
        })
    }

    fn lift<'a>(
        &'a self,
        stamps: &'a [Stamp<'a>],
        writer: Writer,
        life: Duration,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let life = if self.wrong.is(Fault::LiftKeepsLife) { secs(1) } else { life };
            let writer = self.mark(writer);
            match self.wrong.fault {
                Fault::CountsTwice => {
                    let mut held = true;
                    for stamp in stamps {
                        held &= self.inner.lift(&[*stamp], writer, life).await?;
                    }
                    Ok(held)
                }
                Fault::LiftsOldVersion => {
                    let old = |stamp: &Stamp<'a>| {
                        let writers = self.wrong.writers.lock().unwrap();
                        let version = writers.get(stamp.register).map(|(_, version)| *version);
                        Stamp { version: version.unwrap_or(stamp.version), ..*stamp }
                    };
                    let stamps: Vec<_> = stamps.iter().map(old).collect();
                    self.inner.lift(&stamps, writer, life).await
                }
                Fault::LiftsOwnOnly => {
                    let registers: Vec<_> = stamps.iter().map(|stamp| stamp.register).collect();
                    let held = self.inner.renew(&registers, writer, life).await?;
                    if held { self.inner.lift(stamps, writer, life).await } else { Ok(false) }
                }
                Fault::AlwaysLifted => self.inner.lift(stamps, writer, life).await.map(|_| true),
                _ => self.inner.lift(stamps, writer, life).await,
            }
        })
    }
}
