use dogpile::{DeclaredRegion, cached};

static SHOP: DeclaredRegion = DeclaredRegion::new("shop");

type Loaded = Result<u64, u8>;

#[cached(region = SHOP)]
async fn load(id: u64) -> Loaded {
    Ok(id)
}

fn main() {
    drop(load(1));
}
