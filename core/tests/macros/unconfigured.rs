//! Functions whose region is not configured yet.

use dogpile::{DeclaredRegion, Error, Shared, cached, cached_multi, minutes};

use crate::support::Runs;

static SHOP: DeclaredRegion = DeclaredRegion::new("shop");
static RUNS: Runs = Runs::new();

#[cached(region = SHOP)]
async fn load(id: u8) -> Result<Shared<u8>, Error> {
    RUNS.add();
    Ok(id)
}

#[cached(region = SHOP)]
async fn plain(id: u8) -> Shared<u8> {
    RUNS.add();
    id
}

#[cached_multi(region = SHOP)]
async fn load_all(ids: Vec<u8>) -> Result<Vec<Shared<u8>>, Error> {
    RUNS.add();
    Ok(ids)
}

#[tokio::test]
async fn functions_run_without_the_cache_until_the_region_is_configured() {
    for _ in 0..2 {
        assert_eq!(*load(1).await.unwrap(), 1);
        assert_eq!(*plain(1).await, 1);
        assert_eq!(load_all(vec![1, 1]).await.unwrap(), [1, 1]);
    }
    assert_eq!(RUNS.count(), 6);
    assert!(load::get(&1).await.is_none());
    load::set(&1, 2).await.unwrap();
    load::invalidate(&1).await.unwrap();
    assert_eq!(*load::refresh(1).await.unwrap(), 1);
    assert!(load_all::get(&[1]).await[0].is_none());
    assert_eq!(RUNS.count(), 7);
    assert_eq!(SHOP.bypasses(), 11);

    SHOP.configure(SHOP.builder().ttl(minutes(5)).build().unwrap()).unwrap();
    for _ in 0..2 {
        assert_eq!(*load(1).await.unwrap(), 1);
        assert_eq!(*plain(1).await, 1);
        assert_eq!(load_all(vec![1, 1]).await.unwrap(), [1, 1]);
    }
    assert_eq!(RUNS.count(), 10);
    assert_eq!(SHOP.bypasses(), 11);
}
