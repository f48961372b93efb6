//! What the key of a call is made of.

use std::sync::LazyLock;

use dogpile::{Error, Key, KeyMangler, Readable, Region, cached};

use crate::support::{Runs, region};

static SHOP: LazyLock<Region> = LazyLock::new(region);

#[cached(region = SHOP)]
async fn joined(a: &str, b: &str) -> Result<String, Error> {
    Ok(format!("{a}|{b}"))
}

#[tokio::test]
async fn arguments_are_never_joined() {
    assert_eq!(joined("a b", "c").await.unwrap(), "a b|c");
    assert_eq!(joined("a", "b c").await.unwrap(), "a|b c");
    assert_eq!(joined("", "a b c").await.unwrap(), "|a b c");
}

#[cached(region = SHOP)]
async fn maybe(name: Option<&str>) -> Result<String, Error> {
    Ok(format!("{name:?}"))
}

#[tokio::test]
async fn none_is_not_the_text_none() {
    assert_eq!(maybe(None).await.unwrap(), "None");
    assert_eq!(maybe(Some("None")).await.unwrap(), "Some(\"None\")");
}

mod other {
    use super::*;

    #[cached(region = SHOP)]
    pub(super) async fn joined(a: &str, b: &str) -> Result<String, Error> {
        Ok(format!("other {a}|{b}"))
    }
}

#[tokio::test]
async fn functions_of_one_name_in_two_places_share_nothing() {
    #[cached(region = SHOP)]
    async fn joined(a: &str, b: &str) -> Result<String, Error> {
        Ok(format!("nested {a}|{b}"))
    }
    assert_eq!(super::keys::joined("x", "y").await.unwrap(), "x|y");
    assert_eq!(other::joined("x", "y").await.unwrap(), "other x|y");
    assert_eq!(joined("x", "y").await.unwrap(), "nested x|y");
}

#[test]
fn a_key_says_which_function_and_which_arguments() {
    let name = |key: Key| Readable.mangle(&key);
    assert_eq!(name(joined::key("a", "b")), "macros:keys:joined():a:b");
    assert_eq!(name(other::joined::key("a", "b")), "macros:keys:other:joined():a:b");
    assert_eq!(name(spaced::key(&7)), "macros:keys:spaced():v2:#u7");
    assert_eq!(name(nothing::key()), "macros:keys:nothing()");
    assert_eq!(name(whole::key(&7)), "user:#u7");
    assert_eq!(name(generator::key(&7, "ignored")), "macros:keys:generator():page-7");
}

#[cached(region = SHOP)]
async fn nothing() -> Result<u64, Error> {
    Ok(0)
}

#[cached(region = SHOP, namespace = "v2")]
async fn spaced(id: u64) -> Result<u64, Error> {
    Ok(id)
}

#[cached(region = SHOP, key = Key::from(("user", *id)))]
async fn whole(id: u64) -> Result<u64, Error> {
    Ok(id)
}

/// A key generator of one's own.
fn page_key(id: &u64, _language: &str) -> String {
    format!("page-{id}")
}

#[cached(region = SHOP, key = page_key(id, language))]
async fn generator(id: u64, language: &str) -> Result<String, Error> {
    Ok(format!("{id} {language}"))
}

#[tokio::test]
async fn a_whole_key_is_an_entry_like_any_other() {
    whole(7).await.unwrap();
    assert_eq!(SHOP.entry(("user", 7_u64)).get::<u64>().await.as_deref(), Some(&7));
    SHOP.entry(("user", 7_u64)).delete().await.unwrap();
    assert!(whole::get(&7).await.is_none());
}

#[tokio::test]
async fn a_key_generator_decides_what_is_the_same() {
    assert_eq!(generator(1, "en").await.unwrap(), "1 en");
    assert_eq!(generator(1, "de").await.unwrap(), "1 en");
    assert_eq!(generator(2, "de").await.unwrap(), "2 de");
}

#[cached(region = SHOP, key = (to, from), skip(amount))]
async fn some_of_them(from: u8, to: u8, amount: u32) -> Result<u32, Error> {
    Ok(amount + u32::from(from) + u32::from(to))
}

#[tokio::test]
async fn what_is_skipped_makes_no_difference() {
    assert_eq!(some_of_them(1, 2, 10).await.unwrap(), 13);
    assert_eq!(some_of_them(1, 2, 99).await.unwrap(), 13);
    assert_eq!(some_of_them(2, 1, 99).await.unwrap(), 102);
    some_of_them::invalidate(&1, &2).await.unwrap();
    assert_eq!(some_of_them(1, 2, 99).await.unwrap(), 102);
}

#[cached(region = SHOP)]
#[expect(clippy::too_many_arguments, reason = "that is what is tested")]
async fn many(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8) -> Result<Vec<u8>, Error> {
    Ok(vec![a, b, c, d, e, f, g, h])
}

#[tokio::test]
async fn more_arguments_than_a_tuple_has_parts_are_all_in_the_key() {
    assert_eq!(many(1, 2, 3, 4, 5, 6, 7, 8).await.unwrap(), [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(many(1, 2, 3, 4, 5, 6, 7, 9).await.unwrap(), [1, 2, 3, 4, 5, 6, 7, 9]);
    assert_eq!(many(1, 2, 3, 4, 5, 6, 9, 8).await.unwrap(), [1, 2, 3, 4, 5, 6, 9, 8]);
    assert_eq!(many(9, 2, 3, 4, 5, 6, 7, 8).await.unwrap(), [9, 2, 3, 4, 5, 6, 7, 8]);
}

trait Entity: Send + Sync + 'static {
    const NAME: &'static str;
}

struct Cat;

struct Dog;

impl Entity for Cat {
    const NAME: &'static str = "cat";
}

impl Entity for Dog {
    const NAME: &'static str = "dog";
}

static LOADS: Runs = Runs::new();

#[cached(region = SHOP, skip(_connection))]
async fn load<T: Entity, const N: usize, C: Send + Sync>(
    _connection: &C,
    id: u64,
) -> Result<String, Error> {
    LOADS.add();
    Ok(format!("{} {id} {N}", T::NAME))
}

#[tokio::test]
async fn types_and_constants_are_part_of_the_key_but_those_of_what_is_skipped_are_not() {
    assert_eq!(load::<Cat, 1, _>(&'c', 7).await.unwrap(), "cat 7 1");
    assert_eq!(load::<Dog, 1, _>(&'c', 7).await.unwrap(), "dog 7 1");
    assert_eq!(load::<Dog, 2, _>(&'c', 7).await.unwrap(), "dog 7 2");
    assert_eq!(load::<Dog, 2, _>(&"another", 7).await.unwrap(), "dog 7 2");
    assert_eq!(LOADS.count(), 3);
    load::invalidate::<Dog, 2>(&7).await.unwrap();
    assert!(load::get::<Dog, 2>(&7).await.is_none());
    assert!(load::get::<Dog, 1>(&7).await.is_some());
}
