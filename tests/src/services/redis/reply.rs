//! What a Redis server answers.

/// An answer of a Redis server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// A status, such as `OK`.
    Status(String),
    /// An error, inside a list. An answer that is nothing else is an
    /// [`Error::Refused`](crate::services::Error::Refused).
    Error(String),
    /// A number.
    Integer(i64),
    /// A value.
    Bytes(Vec<u8>),
    /// No value.
    Nil,
    /// Several answers.
    List(Vec<Self>),
}

impl Reply {
    /// A status or a value as text, with replacement characters for what is no UTF-8.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Status(text) => Some(text.clone()),
            Self::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            _ => None,
        }
    }

    /// A number.
    pub fn integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// Several answers; none for everything that is no list.
    pub fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// What stands behind `name` in an answer of `name:value` lines.
    pub(super) fn field(&self, name: &str) -> Option<String> {
        let text = self.text()?;
        let mut fields = text.lines().filter_map(|line| line.split_once(':'));
        fields.find(|(found, _)| *found == name).map(|(_, value)| String::from(value))
    }

    /// What follows `name` in a list of names and values.
    pub(super) fn entry(&self, name: &str) -> Option<String> {
        let mut pairs = self.items().chunks_exact(2);
        pairs.find(|pair| pair[0].text().as_deref() == Some(name))?[1].text()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_by_its_whole_name() {
        let info = Reply::Bytes(b"# Server\r\nprocess_id:12\r\nid:3\r\n".to_vec());
        assert_eq!(info.field("id").as_deref(), Some("3"));
        assert_eq!(info.field("process"), None);
    }

    #[test]
    fn an_entry_is_found_by_its_name_and_not_by_a_value() {
        let words = ["flags", "name", "name", "cakes"];
        let list = Reply::List(words.map(|word| Reply::Bytes(word.into())).to_vec());
        assert_eq!(list.entry("name").as_deref(), Some("cakes"));
        assert_eq!(list.entry("cakes"), None);
    }
}
