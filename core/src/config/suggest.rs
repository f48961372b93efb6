//! Which of the names that there are was probably meant.

/// Names longer than this are no slip of the hand, and comparing them would cost time.
const LONGEST: usize = 40;

/// The choice that `name` is closest to, if it is close.
pub(super) fn nearest<'a>(name: &str, choices: &[&'a str]) -> Option<&'a str> {
    if name.len() > LONGEST {
        return None;
    }
    let name = name.to_lowercase().replace('-', "_");
    let distances = choices.iter().map(|choice| (distance(&name, choice), *choice));
    let (distance, choice) = distances.min()?;
    // A third of the letters may be wrong, and always one.
    (distance <= (choice.len() / 3).max(1)).then_some(choice)
}

/// How many letters must be put in, left out, replaced or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    let mut last = None;
    for (i, x) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let replaced = row[j] + usize::from(x != *y);
            let mut best = replaced.min(row[j + 1] + 1).min(next[j] + 1);
            if j > 0 && last == Some(*y) && x == b[j - 1] {
                best = best.min(before[j - 1] + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
        last = Some(x);
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn a_slip_of_the_hand_is_close_and_another_word_is_not() {
        let choices = ["ttl", "stale_for", "max_value", "backend"];
        assert_eq!(nearest("tll", &choices), Some("ttl"));
        assert_eq!(nearest("tlt", &choices), Some("ttl"));
        assert_eq!(nearest("stale-for", &choices), Some("stale_for"));
        assert_eq!(nearest("staleFor", &choices), Some("stale_for"));
        assert_eq!(nearest("max_values", &choices), Some("max_value"));
        assert_eq!(nearest("colour", &choices), None);
        assert_eq!(nearest("", &choices), None);
        assert_eq!(nearest(&"t".repeat(1_000_000), &choices), None);
        assert_eq!(nearest("ttl", &[]), None);
    }

    #[test]
    fn a_swap_of_neighbours_counts_once() {
        assert_eq!(distance("ab", "ba"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
