use dogpile::{DeclaredRegion, Error, cached};

static SHOP: DeclaredRegion = DeclaredRegion::new("shop");

#[cached(region = SHOP, tll = dogpile::minutes(5))]
async fn unknown(id: u64) -> Result<u64, Error> {
    Ok(id)
}

#[cached(region = SHOP, tag = "a", tag = "b", detached, detached)]
async fn twice(id: u64) -> Result<u64, Error> {
    Ok(id)
}

#[cached(region = SHOP, ttl, skip = id, detached = true)]
async fn other_shapes(id: u64) -> Result<u64, Error> {
    Ok(id)
}

#[cached(ttl = dogpile::minutes(5))]
async fn no_region(id: u64) -> Result<u64, Error> {
    Ok(id)
}

#[cached(region = SHOP, no_helpers)]
async fn free(id: u64) -> Result<u64, Error> {
    Ok(id)
}

#[cached(region = "shop")]
async fn named(id: u64) -> Result<u64, Error> {
    Ok(id)
}

fn main() {}
