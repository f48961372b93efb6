//! MySQL's: the bytes that go over the wire, the types that tell how many belong to each, and which
//! are NULL.

use std::sync::OnceLock;

use dogpile_query::KeyValue;
use sqlx::mysql::MySqlArguments;
use sqlx::{MySql, Type};

use super::printed::{bytes, items, print};

/// How the bytes of a value are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Signed(usize),
    Unsigned(usize),
    Float(usize),
    Text,
    Bytes,
    /// Something else after its length.
    Other,
}

/// The argument at `index`, counted from 0.
pub(crate) fn value(arguments: &MySqlArguments, index: usize) -> Option<KeyValue> {
    let printed = print(arguments)?;
    let (mut values, rest) = bytes(printed.strip_prefix("MySqlArguments { values: [")?)
        .map(|(values, rest)| (Cursor(values), rest))?;
    let (types, rest) = items(rest.strip_prefix(", types: [")?)?;
    let (nulls, rest) = bytes(rest.strip_prefix(", null_bitmap: NullBitMap { bytes: [")?)?;
    if rest != format!(", length: {} }} }}", types.len()) {
        return None;
    }
    for (at, printed) in types.into_iter().enumerate().take(index + 1) {
        if nulls.get(at / 8)? >> (at % 8) & 1 == 1 {
            if at == index {
                return None;
            }
            continue;
        }
        let form = form(printed)?;
        let cell = values.take(form)?;
        if at == index {
            return read(form, cell);
        }
    }
    None
}

fn read(form: Form, cell: Vec<u8>) -> Option<KeyValue> {
    let number = || {
        let mut wide = [0; 8];
        wide.get_mut(..cell.len())?.copy_from_slice(&cell);
        Some(u64::from_le_bytes(wide))
    };
    match form {
        Form::Unsigned(_) => number().map(|number| KeyValue::Integer(number.into())),
        Form::Signed(width) => {
            let unused = 64 - 8 * u32::try_from(width).ok()?;
            let number = number()?.cast_signed() << unused >> unused;
            Some(KeyValue::Integer(number.into()))
        }
        Form::Text => String::from_utf8(cell).ok().map(KeyValue::Text),
        Form::Bytes => Some(KeyValue::Bytes(cell)),
        Form::Float(_) | Form::Other => None,
    }
}

/// The form of a type by what it prints.
fn form(printed: &str) -> Option<Form> {
    static KNOWN: OnceLock<Vec<(String, Form)>> = OnceLock::new();
    let known = KNOWN.get_or_init(|| {
        vec![
            known::<i8>(Form::Signed(1)),
            known::<i16>(Form::Signed(2)),
            known::<i32>(Form::Signed(4)),
            known::<i64>(Form::Signed(8)),
            known::<bool>(Form::Unsigned(1)),
            known::<u8>(Form::Unsigned(1)),
            known::<u16>(Form::Unsigned(2)),
            known::<u32>(Form::Unsigned(4)),
            known::<u64>(Form::Unsigned(8)),
            known::<f32>(Form::Float(4)),
            known::<f64>(Form::Float(8)),
            known::<str>(Form::Text),
            known::<[u8]>(Form::Bytes),
        ]
    });
    let same = known.iter().find(|(known, _)| known == printed).map(|(_, form)| *form);
    same.or_else(|| comes_after_its_length(printed).then_some(Form::Other))
}

fn known<T: Type<MySql> + ?Sized>(form: Form) -> (String, Form) {
    (format!("{:?}", T::type_info()), form)
}

fn comes_after_its_length(printed: &str) -> bool {
    const TYPES: [&str; 12] = [
        "Timestamp",
        "Date",
        "Time",
        "Datetime",
        "VarChar",
        "Json",
        "NewDecimal",
        "Enum",
        "Blob",
        "VarString",
        "String",
        "Geometry",
    ];
    let name = printed
        .strip_prefix("MySqlTypeInfo { type: ")
        .and_then(|rest| rest.split_once(", "))
        .map(|(name, _)| name);
    name.is_some_and(|name| TYPES.contains(&name))
}

struct Cursor(Vec<u8>);

impl Cursor {
    fn take(&mut self, form: Form) -> Option<Vec<u8>> {
        let length = match form {
            Form::Signed(width) | Form::Unsigned(width) | Form::Float(width) => width,
            Form::Text | Form::Bytes | Form::Other => self.take_length()?,
        };
        self.take_bytes(length)
    }

    fn take_length(&mut self) -> Option<usize> {
        let width = match self.take_bytes(1)?.first()? {
            short @ 0..=250 => return Some(usize::from(*short)),
            0xfc => 2,
            0xfd => 3,
            0xfe => 8,
            _ => return None,
        };
        let mut wide = [0; 8];
        wide.get_mut(..width)?.copy_from_slice(&self.take_bytes(width)?);
        usize::try_from(u64::from_le_bytes(wide)).ok()
    }

    fn take_bytes(&mut self, length: usize) -> Option<Vec<u8>> {
        (length <= self.0.len()).then(|| self.0.drain(..length).collect())
    }
}

#[cfg(test)]
mod tests {
    use dogpile_query::KeyValue;
    use sqlx::Arguments;
    use sqlx::mysql::MySqlArguments;

    use super::value;

    #[test]
    fn what_is_bound_is_read() {
        let mut arguments = MySqlArguments::default();
        let long = "x".repeat(300);
        let added = [
            arguments.add(-1_i8),
            arguments.add(-7_i32),
            arguments.add(None::<i64>),
            arguments.add(long.as_str()),
            arguments.add(1.5_f64),
            arguments.add(i64::MIN),
            arguments.add(u64::MAX),
            arguments.add(true),
            arguments.add(vec![0_u8, 255]),
            arguments.add(7_u16),
        ];
        assert!(added.iter().all(Result::is_ok));
        let read: Vec<_> = (0..11).map(|index| value(&arguments, index)).collect();
        let integer = |number: i128| Some(KeyValue::Integer(number));
        let expected = [
            integer(-1),
            integer(-7),
            None,
            Some(KeyValue::Text(long.clone())),
            None,
            integer(i64::MIN.into()),
            integer(u64::MAX.into()),
            integer(1),
            Some(KeyValue::Bytes(vec![0, 255])),
            integer(7),
            None,
        ];
        assert_eq!(read, expected);
    }
}
