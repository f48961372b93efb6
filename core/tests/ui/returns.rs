use dogpile::{DeclaredRegion, Error, cached};

static SHOP: DeclaredRegion = DeclaredRegion::new("shop");

#[cached(region = SHOP)]
async fn nothing(id: u64) {
    let _ = id;
}

#[cached(region = SHOP)]
async fn unit(id: u64) -> Result<(), Error> {
    let _ = id;
    Ok(())
}

#[cached(region = SHOP)]
async fn reference(name: &str) -> Result<&str, Error> {
    Ok(name)
}

#[cached(region = SHOP)]
async fn opaque(id: u64) -> Result<impl std::fmt::Debug, Error> {
    Ok(id)
}

#[cached(region = SHOP, detached)]
async fn lost(id: u64) -> u64 {
    id
}

fn main() {}
