//! An explanation as a block of text.

use std::fmt;
use std::time::Duration;

use dogpile::State;

use super::{Cached, Explanation, Verdict};

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.sql.trim())?;
        match &self.verdict {
            Verdict::Cached(cached) => cached.fmt(f),
            Verdict::Bypassed { detail, mend, .. } => {
                write!(f, "  cached     no: {detail}")?;
                mend.iter().try_for_each(|mend| write!(f, "\n  mend       {mend}"))
            }
            Verdict::Unreadable(error) => write!(f, "  cached     no: {error}"),
        }?;
        match &*self.rules {
            [] => Ok(()),
            rules => write!(f, "\n  rules      {}", rules.join(", ")),
        }
    }
}

impl fmt::Display for Cached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { region, value, parameters, database, scope, entry } = self;
        let plural = if *parameters == 1 { "" } else { "s" };
        write!(f, "  cached     yes, region {region}, ")?;
        match value {
            Some(value) => writeln!(f, "typed Vec<{value}>")?,
            None => writeln!(f, "raw cells")?,
        }
        writeln!(
            f,
            "  key        {} (SQL, {parameters} parameter{plural}, database {database}, scope {scope})",
            entry.key
        )?;
        writeln!(f, "  tags       {}", entry.tags)?;
        match (entry.state, &entry.held) {
            (State::Fresh, Some(held)) => {
                write!(f, "  life       fresh {} more", pretty(held.fresh_for))?;
                if !held.stale_for.is_zero() {
                    write!(f, ", then stale for {}", pretty(held.stale_for))?;
                }
                let (age, made) = (pretty(held.age), pretty(held.created_in));
                write!(f, "\n  entry      {age} old, created in {made}, {} bytes", held.weight)
            }
            (State::Stale(reason), Some(held)) => {
                write!(f, "  entry      stale ({reason}), {} old", pretty(held.age))
            }
            (State::Missing(reason), _) => {
                write!(f, "  entry      none that may be served ({reason})")
            }
            _ => write!(f, "  entry      none"),
        }
    }
}

/// A duration in the two units that matter.
fn pretty(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 if duration.as_micros() < 1_000 => format!("{} us", duration.as_micros()),
        0 => format!("{:.1} ms", duration.as_secs_f64() * 1e3),
        1..60 => format!("{seconds} s"),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h{:02}m", seconds / 3600, seconds % 3600 / 60),
    }
}
