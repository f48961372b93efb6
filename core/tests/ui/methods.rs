use dogpile::{DeclaredRegion, Error, cached};

static SHOP: DeclaredRegion = DeclaredRegion::new("shop");

struct Repo;

impl Repo {
    #[cached(region = SHOP)]
    async fn load(&self, id: u64) -> Result<u64, Error> {
        Ok(id)
    }

    #[cached(region = SHOP, skip(self))]
    async fn change(&mut self, id: u64) -> Result<u64, Error> {
        Ok(id)
    }

    #[cached(region = SHOP, skip(self), detached)]
    async fn outlive(&self, id: u64) -> Result<u64, Error> {
        Ok(id)
    }
}

fn main() {}
