use dogpile::{DeclaredRegion, Error, cached};

static SHOP: DeclaredRegion = DeclaredRegion::new("shop");

struct Currency;

#[cached(region = SHOP)]
async fn no_key_part(from: Currency, amount: u64) -> Result<u64, Error> {
    drop(from);
    Ok(amount)
}

#[cached(region = SHOP, skip(conection))]
async fn unknown(connection: &str, id: u64) -> Result<u64, Error> {
    drop(connection);
    Ok(id)
}

#[cached(region = SHOP, key = from)]
async fn forgotten(from: u8, amount: u64) -> Result<u64, Error> {
    Ok(amount + u64::from(from))
}

#[cached(region = SHOP, key = from, skip(from))]
async fn both(from: u8) -> Result<u8, Error> {
    Ok(from)
}

#[cached(region = SHOP)]
async fn opaque(name: impl AsRef<str>) -> Result<String, Error> {
    Ok(name.as_ref().to_owned())
}

#[cached(region = SHOP)]
async fn changed(buffer: &mut Vec<u8>) -> Result<usize, Error> {
    Ok(buffer.len())
}

#[cached(region = SHOP)]
async fn pattern((a, b): (u8, u8)) -> Result<u8, Error> {
    Ok(a + b)
}

#[cached(region = SHOP, detached)]
async fn borrowed(name: &str) -> Result<String, Error> {
    Ok(name.to_owned())
}

fn main() {}
