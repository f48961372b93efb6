//! What there is to say about one entry, for people.

use std::fmt;
use std::time::Duration;

use super::{EntryRef, Held, Inspection, Region, State};
use crate::key::KeyRef;
use crate::observe::{Reason, Short, Size};

/// Whether a key is cached, under which name and tags, and how its entry stands. Prints as a block
/// of text.
///
/// It shows the key, so it is for the eyes of who asked, and not for logs.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Explanation {
    /// The region's name.
    pub region: String,
    /// Why every lookup is a bypass at present, if it is.
    pub off: Option<Reason>,
    /// The name, the tags and the entry.
    pub entry: Inspection,
    /// How long a value created by this call would be fresh, jitter aside.
    pub ttl: Duration,
    /// How long after that it might be served as stale.
    pub stale_for: Duration,
    /// Whether somebody in this process is creating the value right now.
    pub being_created: bool,
}

impl Region {
    /// Explains the entry under `key`, without options; [`EntryRef::explain`] takes those of a call.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), dogpile::Error> {
    /// use dogpile::{Region, minutes};
    ///
    /// let region = Region::builder("shop").ttl(minutes(5)).build()?;
    /// assert_eq!(
    ///     region.explain(("user", 42)).await.to_string(),
    ///     "user:#42\n\
    ///      \x20 cached     yes, region shop\n\
    ///      \x20 key        shop:user:#42\n\
    ///      \x20 tags       key:shop:user:#42, region:shop\n\
    ///      \x20 life       fresh for 5m once it is created\n\
    ///      \x20 last       none that may be served: absent"
    /// );
    /// # Ok(()) }
    /// ```
    pub async fn explain<'r>(&'r self, key: impl Into<KeyRef<'r>>) -> Explanation {
        self.entry(key).explain().await
    }
}

impl<R> EntryRef<'_, R> {
    /// Explains the entry, with the options of this call. Uses, counts and creates nothing.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await.
    pub async fn explain(self) -> Explanation {
        let region = self.region.inner();
        Explanation {
            region: region.name().to_owned(),
            off: region.off(),
            ttl: self.request.ttl.unwrap_or(region.policy.ttl),
            stale_for: self.request.stale_for(region),
            being_created: self.is_being_created(),
            entry: self.inspect().await,
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { region, entry, .. } = self;
        write!(f, "{}", entry.key)?;
        match self.off {
            None => line(f, "cached", format_args!("yes, region {region}"))?,
            Some(reason) => line(f, "cached", format_args!("no: region {region} is {reason}"))?,
        }
        if self.off == Some(Reason::DISABLED) {
            line(f, "mend", "region.set_reads(true)")?;
        }
        line(f, "key", format_args!("{region}:{}", entry.key))?;
        line(f, "tags", &entry.tags)?;
        self.life(f)?;
        self.last(f)?;
        if self.being_created {
            line(f, "now", "somebody is creating it")?;
        }
        Ok(())
    }
}

impl Explanation {
    fn life(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stale_for = match (self.entry.state, self.entry.held) {
            (State::Stale(reason), Some(held)) => {
                return line(
                    f,
                    "life",
                    format_args!("stale for {} more: {reason}", Short(held.stale_for)),
                );
            }
            (State::Fresh, Some(held)) => {
                line(f, "life", format_args!("fresh {} more", Short(held.fresh_for)))?;
                held.stale_for
            }
            _ => {
                line(f, "life", format_args!("fresh for {} once it is created", Short(self.ttl)))?;
                self.stale_for
            }
        };
        if stale_for.is_zero() {
            return Ok(());
        }
        write!(f, ", then stale for {}", Short(stale_for))
    }

    fn last(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = match self.entry.state {
            State::Fresh => "hit",
            State::Stale(_) => "stale",
            State::Missing(reason) => {
                line(f, "last", format_args!("none that may be served: {reason}"))?;
                return self.entry.held.map_or(Ok(()), |held| write!(f, ", {held}"));
            }
        };
        match self.entry.held {
            Some(held) => line(f, "last", format_args!("{how}, {held}")),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Held {
    /// `48 s old, created in 3.1 ms, 1.2 KiB`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (age, made) = (Short(self.age), Short(self.created_in));
        write!(f, "{age} old, created in {made}, {}", Size(self.weight))
    }
}

fn line(f: &mut fmt::Formatter<'_>, name: &str, text: impl fmt::Display) -> fmt::Result {
    write!(f, "\n  {name:<11}{text}")
}
