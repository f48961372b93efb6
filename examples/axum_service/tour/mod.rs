//! A tour: every route is asked, and a table tells what the cache did.

mod client;
mod steps;
mod table;

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::failure::Failure;
use crate::serve::print;
use client::Request;
use steps::{Guide, broken};

const NEVER_ASKED: &str = "miss, hit";

/// Makes the tour of the service at `address`. What it does not find as promised is an error.
pub(crate) async fn of(address: SocketAddr) -> Result<(), Failure> {
    let guide = Guide(address);
    table::head()?;
    reads(&guide).await?;
    guide.crowd(&Request::get("/customers/9/orders"), 200).await?;
    an_order(&guide).await?;
    no_order(&guide).await?;
    a_price(&guide).await?;
    let tenant = Request::get("/customers/7/orders").of("zeta");
    guide.read(&tenant, 200, "miss, hit: what is another tenant's is not served").await?;
    totals(&guide).await
}

async fn reads(guide: &Guide) -> Result<(), Failure> {
    for path in ["/products?search=tea", "/orders/1", "/customers/7/orders"] {
        guide.read(&Request::get(path), 200, NEVER_ASKED).await?;
    }
    let nothing = Request::get("/orders/999999999");
    guide.read(&nothing, 404, "miss, hit: that there is none is kept, too").await?;
    for path in ["/customers/7", "/customers/8"] {
        guide.read(&Request::get(path), 200, NEVER_ASKED).await?;
    }
    Ok(())
}

/// A transaction that commits.
async fn an_order(guide: &Guide) -> Result<(), Failure> {
    let order = Request::post("/orders", json!({ "customer": 7, "product": 1, "quantity": 2 }));
    let placed = guide.write(&order, 201, true, "invalidated at COMMIT").await?;
    let orders = Request::get("/customers/7/orders");
    let orders = guide.read(&orders, 200, "miss, hit: the order is there").await?;
    let (placed, orders) = (parsed(&placed)?, parsed(&orders)?);
    if placed["id"] != orders[0]["id"] {
        return Err(broken("an order that was placed is not seen".into()));
    }
    guide.read(&Request::get("/customers/7"), 200, "miss, hit: by the tag customer:acme:7").await?;
    guide.read(&Request::get("/customers/8"), 200, "hit, hit: not a word of this one").await?;
    Ok(())
}

/// A transaction that is rolled back, after it has written.
async fn no_order(guide: &Guide) -> Result<(), Failure> {
    let order = Request::post("/orders", json!({ "customer": 7, "product": 10, "quantity": 1 }));
    guide.write(&order, 409, false, "rolled back, nothing invalidated").await?;
    guide.read(&Request::get("/customers/7/orders"), 200, "hit, hit").await?;
    Ok(())
}

async fn a_price(guide: &Guide) -> Result<(), Failure> {
    let search = Request::get("/products?search=tea");
    let first = parsed(&guide.read(&search, 200, "hit, hit").await?)?[0].clone();
    let price = first["price"].as_i64().unwrap_or_default() % 1_000 + 1;
    let path = format!("/products/{}/price", first["id"]);
    let write = Request::post(path, json!({ "price": price }));
    guide.write(&write, 204, true, "invalidated by the SQL alone").await?;
    let now = parsed(&guide.read(&search, 200, "miss, hit: the price is the new one").await?)?;
    match now[0]["price"] == price {
        true => Ok(()),
        false => Err(broken("a price that was set is not seen".into())),
    }
}

async fn totals(guide: &Guide) -> Result<(), Failure> {
    let now = guide.figures().await?;
    let parts = now.hits + now.stale + now.misses + now.bypasses;
    if parts != now.lookups {
        return Err(broken(format!("{} lookups, and {parts} outcomes", now.lookups)));
    }
    print(format_args!(
        "\n{} lookups = {} hits + {} stale + {} misses + {} bypasses; whoever waits for the query of \
         another is a miss, too\nthe database was sent {} statements, writes included",
        now.lookups, now.hits, now.stale, now.misses, now.bypasses, now.statements
    ))
}

fn parsed(body: &str) -> Result<Value, Failure> {
    serde_json::from_str(body).map_err(|error| Failure::outside(&error))
}
