//! Numbers as people read them.

use std::fmt;
use std::time::Duration;

/// `1,842`.
pub(crate) struct Thousands(pub(crate) u64);

impl fmt::Display for Thousands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        let mut text = String::with_capacity(digits.len() + digits.len() / 3);
        for (i, digit) in digits.char_indices() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        f.pad_integral(true, "", &text)
    }
}

/// A duration in the one or two units that matter: `3.1 ms`, `48 s`, `4m12s`, `2h`.
pub(crate) struct Short(pub(crate) Duration);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, nanos) = (self.0.as_secs(), self.0.as_nanos());
        match nanos {
            0 => f.write_str("0 s"),
            1..1_000 => write!(f, "{nanos} ns"),
            1_000..1_000_000 => write!(f, "{:.1} us", self.0.as_secs_f64() * 1e6),
            1_000_000..1_000_000_000 => write!(f, "{:.1} ms", self.0.as_secs_f64() * 1e3),
            _ if seconds < 10 && self.0.subsec_millis() >= 100 => {
                write!(f, "{:.1} s", self.0.as_secs_f64())
            }
            _ => write_long(f, seconds),
        }
    }
}

fn write_long(f: &mut fmt::Formatter<'_>, seconds: u64) -> fmt::Result {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes, seconds) {
        (0, 0, _) => write!(f, "{seconds} s"),
        (0, _, 0) => write!(f, "{minutes}m"),
        (0, _, _) => write!(f, "{minutes}m{seconds:02}s"),
        (_, 0, _) => write!(f, "{hours}h"),
        _ => write!(f, "{hours}h{minutes:02}m"),
    }
}

/// A size in bytes: `512 B`, `1.2 KiB`, `64.0 MiB`.
pub(crate) struct Size(pub(crate) u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const KIB: u64 = 1 << 10;
        const MIB: u64 = 1 << 20;
        const GIB: u64 = 1 << 30;
        let of = |unit: u64| self.0 as f64 / unit as f64;
        match self.0 {
            0..KIB => write!(f, "{} B", self.0),
            KIB..MIB => write!(f, "{:.1} KiB", of(KIB)),
            MIB..GIB => write!(f, "{:.1} MiB", of(MIB)),
            GIB.. => write!(f, "{:.1} GiB", of(GIB)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Short, Size, Thousands};
    use crate::{hours, minutes, secs};

    #[test]
    fn numbers_read_like_words() {
        let thousands = [0, 999, 1_000, 1_842, 1_234_567].map(|n| Thousands(n).to_string());
        assert_eq!(thousands, ["0", "999", "1,000", "1,842", "1,234,567"]);
        assert_eq!(format!("{:>7}", Thousands(1_842)), "  1,842");
        let sizes = [0, 1_023, 1_229, 67_108_864, 1 << 31].map(|n| Size(n).to_string());
        assert_eq!(sizes, ["0 B", "1023 B", "1.2 KiB", "64.0 MiB", "2.0 GiB"]);
        let durations = [
            Duration::ZERO,
            Duration::from_nanos(850),
            Duration::from_nanos(12_300),
            Duration::from_micros(3_100),
            Duration::from_millis(2_400),
            secs(48),
            secs(252),
            minutes(5),
            hours(2),
            minutes(125),
        ];
        assert_eq!(
            durations.map(|duration| Short(duration).to_string()),
            ["0 s", "850 ns", "12.3 us", "3.1 ms", "2.4 s", "48 s", "4m12s", "5m", "2h", "2h05m"]
        );
    }
}
