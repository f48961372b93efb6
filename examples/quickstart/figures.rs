//! Figures as people like to read them.

use std::time::Duration;

/// `86805` as `86,805`.
pub(crate) fn thousands(number: impl ToString) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A duration in the unit that suits it: `1.2 us`, `38.9 ms`, `1.4 s`.
pub(crate) fn time(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 0.000_999_95 {
        format!("{:.1} us", seconds * 1e6)
    } else if seconds < 0.999_95 {
        format!("{:.1} ms", seconds * 1e3)
    } else {
        format!("{seconds:.1} s")
    }
}

/// `1 query`, `2 queries`.
pub(crate) fn count<N>(number: N, one: &str, many: &str) -> String
where
    N: ToString + PartialEq + From<u8>,
{
    let noun = if number == N::from(1) { one } else { many };
    format!("{} {noun}", thousands(number))
}

/// The text with every run of white space as one space.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{count, thousands, time};
    use std::time::Duration;

    #[test]
    fn thousands_are_grouped() {
        let shown = [0_u64, 7, 999, 1_000, 86_805, 8_661_245].map(thousands);
        assert_eq!(shown, ["0", "7", "999", "1,000", "86,805", "8,661,245"]);
    }

    #[test]
    fn a_duration_has_the_unit_that_suits_it() {
        let shown = [1_234, 999_900, 999_960, 38_900_000, 1_400_000_000]
            .map(Duration::from_nanos)
            .map(time);
        assert_eq!(shown, ["1.2 us", "999.9 us", "1.0 ms", "38.9 ms", "1.4 s"]);
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!(count(1_u64, "query", "queries"), "1 query");
        assert_eq!(count(1_000_u64, "query", "queries"), "1,000 queries");
    }
}
