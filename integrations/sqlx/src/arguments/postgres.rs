//! PostgreSQL's: the types, and the bytes that go over the wire, each argument after its length.

use dogpile_query::KeyValue;
use sqlx::postgres::PgArguments;

use super::printed::{bytes, items, print};

/// The argument at `index`, counted from 0.
pub(crate) fn value(arguments: &PgArguments, index: usize) -> Option<KeyValue> {
    let printed = print(arguments)?;
    let (types, rest) = items(printed.strip_prefix("PgArguments { types: [")?)?;
    let (buffer, rest) = bytes(rest.strip_prefix(", buffer: PgArgumentBuffer { buffer: [")?)?;
    if !rest.starts_with(&format!(", count: {}, ", types.len())) {
        return None;
    }
    let cells = cells(&buffer)?;
    if cells.len() != types.len() {
        return None;
    }
    let (kind, cell) = (types.get(index)?, (*cells.get(index)?)?);
    match *kind {
        "PgTypeInfo(Int2)" => cell.try_into().ok().map(i16::from_be_bytes).map(integer),
        "PgTypeInfo(Int4)" => cell.try_into().ok().map(i32::from_be_bytes).map(integer),
        "PgTypeInfo(Int8)" => cell.try_into().ok().map(i64::from_be_bytes).map(integer),
        "PgTypeInfo(Uuid)" => cell.try_into().ok().map(KeyValue::Uuid),
        "PgTypeInfo(Text)" | "PgTypeInfo(Varchar)" => {
            String::from_utf8(cell.to_vec()).ok().map(KeyValue::Text)
        }
        "PgTypeInfo(Bytea)" => Some(KeyValue::Bytes(cell.to_vec())),
        _ => None,
    }
}

fn integer(number: impl Into<i128>) -> KeyValue {
    KeyValue::Integer(number.into())
}

/// The bytes of all arguments, `None` for a NULL; nothing if they do not add up.
fn cells(mut buffer: &[u8]) -> Option<Vec<Option<&[u8]>>> {
    let mut cells = Vec::new();
    while !buffer.is_empty() {
        let (length, rest) = buffer.split_first_chunk::<4>()?;
        let length = i32::from_be_bytes(*length);
        let (cell, rest) = match usize::try_from(length) {
            Ok(length) => {
                let (cell, rest) = rest.split_at_checked(length)?;
                (Some(cell), rest)
            }
            Err(_) => (None, rest),
        };
        cells.push(cell);
        buffer = rest;
    }
    Some(cells)
}

#[cfg(test)]
mod tests {
    use dogpile_query::KeyValue;
    use sqlx::Arguments;
    use sqlx::postgres::PgArguments;

    use super::value;

    #[test]
    fn what_is_bound_is_read() {
        let mut arguments = PgArguments::default();
        let added = [
            arguments.add(7_i16),
            arguments.add(vec!["a".to_owned(), "], buffer: [".to_owned()]),
            arguments.add(-7_i32),
            arguments.add(None::<i64>),
            arguments.add(7_i64),
            arguments.add("ä"),
            arguments.add(vec![0_u8, 255]),
            arguments.add(1.0_f64),
            arguments.add(true),
        ];
        assert!(added.iter().all(Result::is_ok));
        let read: Vec<_> = (0..10).map(|index| value(&arguments, index)).collect();
        let expected = [
            Some(KeyValue::Integer(7)),
            None,
            Some(KeyValue::Integer(-7)),
            None,
            Some(KeyValue::Integer(7)),
            Some(KeyValue::Text("ä".to_owned())),
            Some(KeyValue::Bytes(vec![0, 255])),
            None,
            None,
            None,
        ];
        assert_eq!(read, expected);
    }
}
