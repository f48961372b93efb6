//! What each database's catalog tells of the key of one table.

#[cfg(feature = "mysql")]
pub(crate) mod mysql;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;

#[cfg(any(feature = "postgres", feature = "mysql"))]
use dogpile_query::TableKey;

/// The key on which all tables of one name agree: which of them a statement means, is not known.
#[cfg(any(feature = "postgres", feature = "mysql"))]
fn common(keys: impl IntoIterator<Item = Option<TableKey>>) -> Option<TableKey> {
    let mut keys = keys.into_iter();
    let first = keys.next().flatten()?;
    keys.all(|key| key.as_ref() == Some(&first)).then_some(first)
}

#[cfg(all(test, any(feature = "postgres", feature = "mysql")))]
mod tests {
    use dogpile_query::{KeyColumn, KeyKind, TableKey};

    use super::common;

    #[test]
    fn tables_of_one_name_must_agree() {
        let key = |name: &str| Some(TableKey::new([KeyColumn::new(name, KeyKind::INTEGER)]));
        assert_eq!(common([key("id"), key("id")]), key("id"));
        assert_eq!(common([key("id"), key("code")]), None);
        assert_eq!((common([key("id"), None]), common([None, key("id")])), (None, None));
        assert_eq!(common([]), None);
    }
}
