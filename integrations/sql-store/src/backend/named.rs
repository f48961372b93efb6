//! Answers whose rows say their name, where a statement cannot number what it was asked for.

use super::dialect::{Found, Looked, Seen};
use super::register::Row;
use crate::error::Done;
use dogpile::backend::TagVersion;

/// The places at which names were asked for; one may have several.
pub(crate) struct Places<'a>(Vec<(&'a [u8], usize)>);

impl<'a> Places<'a> {
    pub(crate) fn new(names: &[&'a str]) -> Self {
        let places = names.iter().enumerate().map(|(place, name)| (name.as_bytes(), place));
        let mut places: Vec<_> = places.collect();
        places.sort_unstable();
        Self(places)
    }

    /// The places of one name.
    pub(crate) fn of(&self, name: &[u8]) -> impl Iterator<Item = usize> {
        let from = self.0.partition_point(|(other, _)| *other < name);
        let named = self.0[from..].iter().take_while(move |(other, _)| *other == name);
        named.map(|(_, place)| *place)
    }
}

/// The rows of a read, on their way to their places.
pub(crate) struct Reading<'a> {
    keys: Places<'a>,
    registers: Places<'a>,
    seen: Seen,
    tokens: Vec<(Vec<u8>, TagVersion)>,
}

impl<'a> Reading<'a> {
    pub(crate) fn new(keys: &[&'a str], registers: &[&'a str]) -> Self {
        Self {
            keys: Places::new(keys),
            registers: Places::new(registers),
            seen: Seen::nothing(keys.len(), registers.len()),
            tokens: Vec::new(),
        }
    }

    /// Takes in one row.
    pub(crate) fn take(&mut self, name: Vec<u8>, found: Found) -> Done<()> {
        match found {
            Found::Tokens(tokens) => self.tokens.push((name, tokens)),
            Found::Entry(_) => self.seen.take(found, self.keys.of(&name))?,
            Found::Register(_) => self.seen.take(found, self.registers.of(&name))?,
        }
        Ok(())
    }

    /// Takes in which server answers.
    #[cfg(feature = "mysql")]
    pub(crate) fn server(&mut self, server: Vec<u8>) {
        self.seen.server = server;
    }

    /// All rows together: tokens turn what was found, in whichever order it came.
    pub(crate) fn finish(mut self) -> Done<Seen> {
        for (name, tokens) in self.tokens {
            self.seen.take(Found::Tokens(tokens), self.registers.of(&name))?;
        }
        Ok(self.seen)
    }
}

/// The rows of a look, at their places.
pub(crate) fn looked(names: &[&str], now: i64, rows: Vec<(Vec<u8>, Row)>) -> Looked {
    let places = Places::new(names);
    let mut looked = Looked { now, rows: vec![None; names.len()] };
    for (name, row) in rows {
        for place in places.of(&name) {
            looked.rows[place] = Some(row.clone());
        }
    }
    looked
}

/// `names`, the last one again and again up to a power of two: a database then keeps few statements.
pub(crate) fn padded<'n>(names: &[&'n str]) -> impl Iterator<Item = &'n [u8]> {
    let again =
        std::iter::repeat_n(names.last().copied().unwrap_or_default(), padding(names.len()));
    names.iter().copied().chain(again).map(str::as_bytes)
}

/// A mark for each of so many names, [padded].
pub(crate) fn marks(names: usize) -> String {
    let mut marks = "?,".repeat(names + padding(names));
    marks.pop();
    marks
}

fn padding(names: usize) -> usize {
    if names == 0 { 0 } else { names.next_power_of_two() - names }
}

#[cfg(test)]
mod tests {
    use dogpile::backend::TagVersion;

    use super::{Found, Places, Reading, marks, padded};
    use crate::backend::dialect::Shown;

    #[test]
    fn rows_find_all_places_of_their_name() {
        let places = Places::new(&["b", "a", "", "b"]);
        let of = |name: &str| places.of(name.as_bytes()).collect::<Vec<_>>();
        assert_eq!((of("b"), of("a"), of(""), of("c")), (vec![0, 3], vec![1], vec![2], vec![]));
    }

    #[test]
    fn tokens_count_in_whichever_order_they_come() {
        let mut reading = Reading::new(&["r"], &["r", "s"]);
        reading.take(b"r".into(), Found::Tokens(TagVersion(1))).unwrap();
        reading.take(b"r".into(), Found::register(0, 6, false)).unwrap();
        reading.take(b"s".into(), Found::Tokens(TagVersion(1))).unwrap();
        let seen = reading.finish().unwrap();
        assert_eq!(seen.registers, [Shown::Version(TagVersion(7)), Shown::Nothing]);
        assert_eq!(seen.entries, [None]);
    }

    #[test]
    fn marks_and_names_are_as_many() {
        for (names, expected) in [(0, 0), (1, 1), (2, 2), (3, 4), (5, 8), (4_096, 4_096)] {
            let many = vec!["a"; names];
            assert_eq!(padded(&many).count(), expected);
            assert_eq!(marks(names).matches('?').count(), expected);
        }
        assert_eq!(marks(3), "?,?,?,?");
        assert_eq!(padded(&["a", "b", "c"]).collect::<Vec<_>>(), [b"a", b"b", b"c", b"c"]);
    }
}
