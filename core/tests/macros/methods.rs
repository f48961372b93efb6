//! Functions of an `impl`.

use std::sync::Arc;

use dogpile::{Error, Key, KeyMangler, Readable, Region, Shared, cached};

use crate::support::{Runs, region};

struct Repo<T> {
    cache: Region,
    tenant: u32,
    runs: Arc<Runs>,
    kind: std::marker::PhantomData<T>,
}

impl<T: Send + Sync> Repo<T> {
    fn new(cache: &Region, tenant: u32, runs: &Arc<Runs>) -> Self {
        Self {
            cache: cache.clone(),
            tenant,
            runs: Arc::clone(runs),
            kind: std::marker::PhantomData,
        }
    }

    #[cached(region = self.cache, key = (self.tenant, id), tag = format!("tenant:{}", self.tenant))]
    async fn load(&self, id: u64) -> Result<String, Error> {
        Ok(format!("{}/{id} {}", self.tenant, self.runs.add()))
    }

    #[cached(region = self.cache, skip(self))]
    async fn same_for_all(&self, id: u64) -> Result<usize, Error> {
        Ok(self.runs.add() + usize::try_from(id).unwrap())
    }

    #[cached(region = self.cache, skip(self), detached)]
    async fn owned(self: Arc<Self>, id: u64) -> Result<usize, Error>
    where
        T: 'static,
    {
        Ok(self.runs.add() + usize::try_from(id).unwrap())
    }

    /// `Self` in the signature says that it is no free function.
    #[cached(region = of.cache, skip(of))]
    async fn twice(of: &Self, id: u64) -> Result<u64, Error> {
        of.runs.add();
        Ok(2 * id)
    }

    #[cached(region = cache, skip(cache), associated)]
    async fn thrice(cache: &Region, id: u64) -> Result<u64, Error> {
        let _ = cache;
        Ok(3 * id)
    }
}

#[tokio::test]
async fn what_the_key_says_of_self_tells_instances_apart() {
    let (cache, runs) = (region(), Arc::new(Runs::new()));
    let [one, two] = [1, 2].map(|tenant| Repo::<u8>::new(&cache, tenant, &runs));
    assert_eq!(one.load(7).await.unwrap(), "1/7 1");
    assert_eq!(two.load(7).await.unwrap(), "2/7 2");
    assert_eq!(one.load(7).await.unwrap(), "1/7 1");
    assert_eq!(one.load_get(&7).await.unwrap(), "1/7 1".to_owned());
    one.load_invalidate(&7).await.unwrap();
    assert!(one.load_get(&7).await.is_none());
    assert!(two.load_get(&7).await.is_some());
    assert_eq!(two.load_refresh(7).await.unwrap(), "2/7 3");
    assert_eq!(two.load_original(7).await.unwrap(), "2/7 4");
    two.load_set(&7, String::from("set")).await.unwrap();
    assert_eq!(two.load(7).await.unwrap(), "set");
    cache.invalidate(["tenant:2"]).await.unwrap();
    assert_eq!(two.load(7).await.unwrap(), "2/7 5");
}

#[tokio::test]
async fn a_method_that_skips_self_is_shared_by_all_instances_of_its_type_only() {
    let (cache, runs) = (region(), Arc::new(Runs::new()));
    let [one, two] = [1, 2].map(|tenant| Repo::<u8>::new(&cache, tenant, &runs));
    let other = Repo::<u16>::new(&cache, 1, &runs);
    assert_eq!(one.same_for_all(10).await.unwrap(), 11);
    assert_eq!(two.same_for_all(10).await.unwrap(), 11);
    assert_eq!(other.same_for_all(10).await.unwrap(), 12);
}

#[tokio::test]
async fn other_receivers_and_none_work_too() {
    let (cache, runs) = (region(), Arc::new(Runs::new()));
    let repo = Arc::new(Repo::<u8>::new(&cache, 1, &runs));
    assert_eq!(Arc::clone(&repo).owned(10).await.unwrap(), 11);
    assert_eq!(Arc::clone(&repo).owned(10).await.unwrap(), 11);
    assert_eq!(Repo::twice(&repo, 4).await.unwrap(), 8);
    assert_eq!(Repo::twice_get(&repo, &4).await.as_deref(), Some(&8));
    assert_eq!(Repo::<u8>::thrice(&cache, 4).await.unwrap(), 12);
    assert_eq!(Repo::<u8>::thrice_get(&cache, &4).await.as_deref(), Some(&12));
    assert!(Repo::<u16>::thrice_get(&cache, &4).await.is_none());
}

trait Cats {
    async fn name(&self, id: u64) -> Result<String, Error>;
}

trait Dogs {
    async fn name(&self, id: u64) -> Result<Shared<String>, Error>;
}

impl Cats for Repo<u8> {
    #[cached(region = self.cache, key = (self.tenant, id), no_helpers)]
    async fn name(&self, id: u64) -> Result<String, Error> {
        if id == 0 {
            return Ok(String::from("nobody"));
        }
        Ok(format!("cat {id} {}", self.runs.add()))
    }
}

impl Dogs for Repo<u8> {
    #[cached(region = self.cache, key = (self.tenant, id), no_helpers)]
    async fn name(&self, id: u64) -> Result<Shared<String>, Error> {
        Ok(format!("dog {id} {}", self.runs.add()))
    }
}

#[tokio::test]
async fn methods_of_traits_are_cached_each_for_itself() {
    let (cache, runs) = (region(), Arc::new(Runs::new()));
    let repo = Repo::<u8>::new(&cache, 1, &runs);
    assert_eq!(Cats::name(&repo, 7).await.unwrap(), "cat 7 1");
    assert_eq!(*Dogs::name(&repo, 7).await.unwrap(), "dog 7 2");
    assert_eq!(Cats::name(&repo, 7).await.unwrap(), "cat 7 1");
    assert_eq!(Cats::name(&repo, 0).await.unwrap(), "nobody");
}

#[test]
fn the_key_of_a_method_names_its_type() {
    let (cache, runs) = (region(), Arc::new(Runs::new()));
    let name = |key: Key| Readable.mangle(&key);
    let repo = Repo::<u8>::new(&cache, 1, &runs);
    assert_eq!(name(repo.load_key(&7)), "macros:methods:Repo<u8>:load():#u1:#u7");
}
