use dogpile::{DeclaredRegion, Error, cached};

static SHOP: DeclaredRegion = DeclaredRegion::new("shop");

#[cached(region = SHOP)]
fn load(id: u64) -> Result<u64, Error> {
    Ok(id)
}

#[cached(region = SHOP)]
async unsafe fn load_unsafe(id: u64) -> Result<u64, Error> {
    Ok(id)
}

#[cached(region = SHOP)]
async extern "C" fn load_extern(id: u64) -> Result<u64, Error> {
    Ok(id)
}

#[cached(region = SHOP)]
struct NoFunction;

trait Loader {
    #[cached(region = SHOP, skip(self))]
    async fn load(&self, id: u64) -> Result<u64, Error>;
}

fn main() {}
