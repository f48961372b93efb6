//! SQLite's: `SqliteArguments { values: SqliteArgumentsBuffer([Int64(1), Text("a")]) }`.

use dogpile_query::KeyValue;
use sqlx::sqlite::SqliteArguments;

use super::printed::{bytes, items, print, text};

/// The argument at `index`, counted from 0.
pub(crate) fn value(arguments: &SqliteArguments, index: usize) -> Option<KeyValue> {
    let printed = print(arguments)?;
    let list = printed.strip_prefix("SqliteArguments { values: SqliteArgumentsBuffer([")?;
    let (items, rest) = items(list)?;
    if rest != ") }" {
        return None;
    }
    let (kind, inside) = items.get(index)?.strip_suffix(')')?.split_once('(')?;
    match kind {
        "Int" | "Int64" => inside.parse().ok().map(KeyValue::Integer),
        "Text" | "TextSlice" => text(inside).map(KeyValue::Text),
        "Blob" => {
            let (blob, rest) = bytes(inside.strip_prefix('[')?)?;
            rest.is_empty().then_some(KeyValue::Bytes(blob))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use dogpile_query::KeyValue;
    use sqlx::Arguments;
    use sqlx::sqlite::SqliteArguments;

    use super::value;

    #[test]
    fn what_is_bound_is_read() {
        let mut arguments = SqliteArguments::default();
        let nasty = "\"), Int64(9), Text(\"";
        let added = [
            arguments.add(nasty),
            arguments.add(7_i32),
            arguments.add(-7_i64),
            arguments.add(None::<i64>),
            arguments.add(vec![0_u8, 255]),
            arguments.add(1.0_f64),
            arguments.add(true),
        ];
        assert!(added.iter().all(Result::is_ok));
        let read: Vec<_> = (0..8).map(|index| value(&arguments, index)).collect();
        let expected = [
            Some(KeyValue::Text(nasty.to_owned())),
            Some(KeyValue::Integer(7)),
            Some(KeyValue::Integer(-7)),
            None,
            Some(KeyValue::Bytes(vec![0, 255])),
            None,
            Some(KeyValue::Integer(1)),
            None,
        ];
        assert_eq!(read, expected);
    }
}
