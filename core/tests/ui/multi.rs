use dogpile::{DeclaredRegion, Error, cached_multi};

static SHOP: DeclaredRegion = DeclaredRegion::new("shop");

#[cached_multi(region = SHOP)]
async fn no_list(id: u64) -> Result<Vec<u64>, Error> {
    Ok(vec![id])
}

#[cached_multi(region = SHOP)]
async fn two_lists(ids: Vec<u64>, flags: Vec<u8>) -> Result<Vec<u64>, Error> {
    drop(flags);
    Ok(ids)
}

#[cached_multi(region = SHOP)]
async fn one_value(ids: Vec<u64>) -> Result<u64, Error> {
    Ok(ids.len() as u64)
}

#[cached_multi(region = SHOP, key = ids)]
async fn no_closure(ids: Vec<u64>) -> Result<Vec<u64>, Error> {
    Ok(ids)
}

#[cached_multi(region = SHOP, should_cache = |_, _| true)]
async fn unknown(ids: Vec<u64>) -> Result<Vec<u64>, Error> {
    Ok(ids)
}

fn main() {}
