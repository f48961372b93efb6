//! The shape of a statement: its text without what is different each time.

use super::scan::{Lexeme, Scanner};
use crate::Dialect;

/// How long a shape is at most, in bytes; what comes after that is left out.
const MOST: usize = 1024;

/// The text of a statement with a `?` for each literal and placeholder, and without comments: the same
/// for statements that differ in their values only, and fit to be logged.
///
/// ```
/// use dogpile_query::{Dialect, shape};
///
/// let sql = "SELECT name FROM cake WHERE id = 7 AND kind = 'nut' -- of today";
/// assert_eq!(shape(sql, Dialect::Sqlite), "SELECT name FROM cake WHERE id = ? AND kind = ?");
/// ```
pub fn shape(sql: &str, dialect: Dialect) -> String {
    let mut shape = String::new();
    let mut is_tight = true;
    for lexeme in Scanner::new(sql, dialect) {
        let is_closing = matches!(lexeme, Lexeme::Symbol(',' | '.' | ')' | ';'));
        if !(is_tight || is_closing) {
            shape.push(' ');
        }
        is_tight = matches!(lexeme, Lexeme::Symbol('.' | '('));
        match lexeme {
            Lexeme::Word(word) => shape.push_str(word),
            Lexeme::Quoted(name) => shape.extend(["\"", &*name, "\""]),
            Lexeme::Literal | Lexeme::Placeholder => shape.push('?'),
            Lexeme::Symbol(symbol) => shape.push(symbol),
            Lexeme::ExecutableComment => shape.push_str("/*!"),
        }
        if shape.len() > MOST {
            shape.truncate(shape.floor_char_boundary(MOST));
            break;
        }
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_not_in_a_shape() {
        let texts = [
            "SELECT * FROM \"order\" WHERE a = 'secret' AND b IN (4711, $1)",
            "SELECT  *  FROM \"order\" /* 4711 */ WHERE a = 'other' AND b IN (1, $2) -- secret",
        ];
        for sql in texts {
            let wanted = "SELECT * FROM \"order\" WHERE a = ? AND b IN (?, ?)";
            assert_eq!(shape(sql, Dialect::Postgres), wanted);
        }
        assert_eq!(shape("SELECT a.b FROM a", Dialect::MySql), "SELECT a.b FROM a");
    }

    #[test]
    fn shapes_are_short() {
        let sql = format!("SELECT {}1", "ä, ".repeat(1_000));
        assert!(shape(&sql, Dialect::Sqlite).len() <= MOST);
    }
}
