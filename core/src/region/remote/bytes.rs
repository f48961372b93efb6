//! Between an entry in memory and its envelope.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use smallvec::SmallVec;

use super::super::Inner;
use super::super::found::{Found, Verdict};
use super::super::request::Request;
use super::Remote;
use crate::backend::TagVersion;
use crate::codec::{Refused, Wire};
use crate::observe::{Direction, Event, Reason};
use crate::tag::{Observation, Standing, Watched, compare};
use crate::value::{Entry, Envelope, Header, Limits, TypePrint};

impl Inner {
    /// Judges what a backend gave back, and decodes it where it is of use.
    pub(super) fn open<T: Send + Sync + 'static>(
        &self,
        remote: &Remote,
        request: &Request<'_>,
        wire: Wire<T>,
        bytes: &Bytes,
        now: &[Option<TagVersion>],
        watch: impl FnOnce() -> Option<Box<[Watched]>>,
    ) -> Found<T> {
        let envelope = match self.envelope(request, now.len(), bytes) {
            Ok(envelope) => envelope,
            Err(reason) => return Found::nothing(reason),
        };
        if envelope.print != remote.print(wire, envelope.codec) {
            return Found::nothing(Reason::OTHER_TYPE);
        }
        let standing = compare(&envelope.versions, now);
        let tags = if standing == Standing::Current { watch() } else { None };
        let header = self.header_of(request, &envelope, bytes.len(), tags);
        let verdict = self.verdict(&header, request, standing, self.clock.now());
        if let Verdict::Unservable(reason) = verdict {
            return Found::nothing(reason);
        }
        let decode = || (wire.decode)(envelope.codec, envelope.payload);
        match catch_unwind(decode) {
            Ok(Ok(value)) => verdict.of(Arc::new(Entry::new(header, value))),
            // A `Deserialize` that panics at what it does not expect is no reason to panic at a read.
            Ok(Err(_)) | Err(_) => {
                let reason = Reason::UNDECODABLE;
                self.emit(&Event::Rejected { reason });
                Found::nothing(reason)
            }
        }
    }

    /// Says that an entry went over the wire, whatever is made of it.
    pub(super) fn tell_bytes(&self, direction: Direction, bytes: &Bytes) {
        self.emit(&Event::BackendBytes { direction, bytes: bytes.len() as u64 });
    }

    /// The envelope in these bytes, if it is one of this key and these tags.
    pub(super) fn envelope<'b>(
        &self,
        request: &Request<'_>,
        registers: usize,
        bytes: &'b Bytes,
    ) -> Result<Envelope<'b>, Reason> {
        let limits = Limits {
            tags: self.policy.max_tags,
            // The implicit tags are three at most, and each tag has two registers.
            versions: 2 * (self.policy.max_tags + 3),
            tag_name: usize::MAX,
            payload: usize::try_from(self.policy.max_value).unwrap_or(usize::MAX),
        };
        let envelope = Envelope::read(bytes, limits).map_err(|rejected| {
            let reason = rejected.reason();
            self.emit(&Event::Rejected { reason });
            reason
        })?;
        if envelope.check != request.key.stable_digest().check {
            return Err(Reason::COLLISION);
        }
        if !same_tags(&envelope.tags, request) || envelope.versions.len() != registers {
            return Err(Reason::OTHER_TAGS);
        }
        Ok(envelope)
    }

    /// The header of an entry from elsewhere: its age comes from the wall clock, within its life.
    pub(super) fn header_of(
        &self,
        request: &Request<'_>,
        envelope: &Envelope<'_>,
        size: usize,
        tags: Option<Box<[Watched]>>,
    ) -> Header {
        let now = self.clock.now();
        let fresh_for = Duration::from_millis(envelope.fresh_for);
        let age = Duration::from_millis(self.clock.wall_millis().saturating_sub(envelope.created));
        Header {
            check: request.key.digest().check,
            tags: (*request.tags).clone(),
            observation: Observation::of_registers(&envelope.versions, tags),
            created: now.before(age),
            // An end that has passed stays in the past: what is stale is so since then.
            fresh_until: now
                .after(fresh_for.saturating_sub(age))
                .before(age.saturating_sub(fresh_for)),
            created_in: Duration::from_millis(envelope.created_in),
            weight: size as u64,
        }
    }

    /// The bytes of an entry, or the reason why it has none.
    pub(super) fn seal<T: Send + Sync + 'static>(
        &self,
        remote: &Remote,
        request: &Request<'_>,
        wire: Wire<T>,
        entry: &Entry<T>,
        versions: &[TagVersion],
    ) -> Result<Bytes, Reason> {
        let payload = self.encode(remote, wire, entry.value())?;
        if payload.len() as u64 > self.policy.max_value {
            return Err(Reason::TOO_LARGE);
        }
        let header = entry.header();
        let now = self.clock.now();
        let mut tags: Vec<&str> = header.tags.iter().map(crate::Tag::name).collect();
        tags.sort_unstable();
        let envelope = Envelope {
            codec: remote.codec,
            print: remote.print(wire, remote.codec),
            check: request.key.stable_digest().check,
            created: self.clock.wall_millis().saturating_sub(millis(header.age(now))),
            fresh_for: millis(header.fresh_until.since(header.created)),
            created_in: millis(header.created_in),
            tags,
            versions: versions.into(),
            payload: &payload,
        };
        Ok(envelope.write())
    }

    /// Encodes a value; the first of its type is decoded again on trial.
    fn encode<T: Send + Sync + 'static>(
        &self,
        remote: &Remote,
        wire: Wire<T>,
        value: &T,
    ) -> Result<Vec<u8>, Reason> {
        let encode = AssertUnwindSafe(|| remote.trials.encode(wire, remote.codec, value));
        let encoded = catch_unwind(encode).map_err(|_| Reason::CODEC)?;
        encoded.map_err(|refused| {
            if let Refused::First(error) = refused {
                tracing::warn!(
                    region = self.name(),
                    "a value does not survive the codec and is not stored: {error}"
                );
            }
            Reason::CODEC
        })
    }
}

impl Remote {
    /// What the type of a value looks like to a codec, in the user's version of it.
    fn print<T: 'static>(&self, wire: Wire<T>, codec: crate::Codec) -> TypePrint {
        (wire.print)(codec).in_version(self.value_version)
    }
}

fn same_tags(stored: &[&str], request: &Request<'_>) -> bool {
    let mut declared: SmallVec<[&str; 16]> = request.tags.iter().map(crate::Tag::name).collect();
    declared.sort_unstable();
    stored == declared.as_slice()
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
