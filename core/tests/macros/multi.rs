//! Functions that create several values at once.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use dogpile::{Error, KeyMangler, Readable, Region, Shared, cached_multi};

use crate::support::region;

static SHOP: LazyLock<Region> = LazyLock::new(region);

/// What ids a function was asked for.
struct Asked(Mutex<Vec<Vec<u64>>>);

impl Asked {
    const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    fn note(&self, ids: &[u64]) {
        self.0.lock().unwrap().push(ids.to_vec());
    }

    fn take(&self) -> Vec<Vec<u64>> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

static NAMES: Asked = Asked::new();

#[cached_multi(region = SHOP, namespace = "names", tag = "names")]
async fn names(language: &str, ids: Vec<u64>) -> Result<Vec<String>, Error> {
    NAMES.note(&ids);
    Ok(ids.iter().map(|id| format!("{language} {id}")).collect())
}

#[tokio::test]
async fn only_what_is_missing_is_created_and_the_order_is_that_of_the_ids() {
    assert_eq!(names("en", vec![3, 1]).await.unwrap(), ["en 3", "en 1"]);
    assert_eq!(names("en", vec![1, 2, 3, 2]).await.unwrap(), ["en 1", "en 2", "en 3", "en 2"]);
    assert_eq!(names("de", vec![1]).await.unwrap(), ["de 1"]);
    assert_eq!(names("de", Vec::new()).await.unwrap(), Vec::<String>::new());
    assert_eq!(NAMES.take(), [vec![3, 1], vec![2], vec![1]]);

    assert!(names::get("en", &[9, 1]).await[0].is_none());
    assert_eq!(names::get("en", &[9, 1]).await[1].as_deref().unwrap(), "en 1");
    names::set("en", [(9, String::from("set"))]).await.unwrap();
    names::invalidate("en", &[1]).await.unwrap();
    assert_eq!(names("en", vec![9, 1, 2]).await.unwrap(), ["set", "en 1", "en 2"]);
    assert_eq!(NAMES.take(), [vec![1]]);

    assert_eq!(names::refresh("en", vec![9]).await.unwrap(), ["en 9"]);
    assert_eq!(names::original("en", vec![2]).await.unwrap(), ["en 2"]);
    assert_eq!(names("en", vec![9]).await.unwrap(), ["en 9"]);
    assert_eq!(NAMES.take(), [vec![9], vec![2]]);

    SHOP.invalidate(["names"]).await.unwrap();
    names("en", vec![9]).await.unwrap();
    assert_eq!(NAMES.take(), [vec![9]]);
    assert_eq!(Readable.mangle(&names::key("en", &7)), "macros:multi:names():names:en:#u7");
}

static EVEN: Asked = Asked::new();

#[cached_multi(region = SHOP, key = |id: &u64| ("even", id), skip(_connection))]
async fn even<C: Sync>(
    _connection: &C,
    ids: Vec<u64>,
) -> Result<HashMap<u64, Shared<String>>, Error> {
    EVEN.note(&ids);
    Ok(ids.into_iter().filter(|id| id % 2 == 0).map(|id| (id, id.to_string())).collect())
}

#[tokio::test]
async fn what_a_map_leaves_out_is_neither_cached_nor_returned() {
    let found = even(&(), vec![1, 2, 4]).await.unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(*found[&2], "2");
    let again = even(&"another type", vec![1, 2, 4]).await.unwrap();
    assert!(again[&2].ptr_eq(&found[&2]));
    assert_eq!(EVEN.take(), [vec![1, 2, 4], vec![1]]);

    even::set([(1, String::from("odd"))]).await.unwrap();
    assert_eq!(even(&(), vec![1]).await.unwrap().len(), 1);
    let refreshed = even::refresh(&(), vec![1, 2]).await.unwrap();
    assert_eq!(refreshed.len(), 1);
    assert!(even::get(&[1]).await[0].is_none(), "what is gone is gone");
    assert!(refreshed[&2].ptr_eq(even::get(&[2]).await[0].as_ref().unwrap()));
    assert_eq!(Readable.mangle(&even::key(&7)), "macros:multi:even():even:#u7");
}

struct Repo(Region);

impl Repo {
    #[cached_multi(region = self.0, skip(self), ids = ids, tags = ["a", "b"])]
    async fn load(&self, flags: Vec<u8>, ids: Vec<u64>) -> Result<Vec<u64>, Error> {
        Ok(ids.iter().map(|id| id + flags.len() as u64).collect())
    }

    #[cached_multi(region = self.0, skip(self), no_helpers)]
    async fn inline(&self, ids: Vec<u64>) -> Result<Vec<u64>, Error> {
        Ok(ids)
    }
}

#[tokio::test]
async fn methods_create_several_values_too() {
    let repo = Repo(region());
    assert_eq!(repo.load(vec![1, 1], vec![1, 2]).await.unwrap(), [3, 4]);
    assert_eq!(repo.load_get(&vec![1, 1], &[1]).await[0].as_deref(), Some(&3));
    assert!(repo.load_get(&vec![1], &[1]).await[0].is_none());
    assert_eq!(repo.inline(vec![1, 2]).await.unwrap(), [1, 2]);
    assert_eq!(repo.0.stats().entries, 4);
}
