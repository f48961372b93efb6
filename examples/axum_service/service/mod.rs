//! The service: its state, its routes, its beginning and its end.

mod cache;
mod customers;
mod orders;
mod place_order;
mod products;
mod set_up;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use axum::Router;
use axum::routing::{get, post};
use dogpile_sqlx::CachedPool;

use super::{Database, SCHEMA};
use crate::args::Args;
use crate::failure::Failure;
use crate::serve::serve;

/// What all requests share. Cheap to clone.
#[derive(Clone)]
struct Shop {
    /// Statements run on it as on a pool of sqlx. Those that say `.cached()` may be answered from
    /// memory; those that write invalidate what read the tables they write.
    db: CachedPool<Database>,
    /// Orders that were committed.
    placed: Arc<AtomicU64>,
}

/// Opens the database at `url`, answers requests until it is told to end, and closes.
pub(crate) async fn run(args: &Args, url: &str) -> Result<(), Failure> {
    let db = set_up::open(url).await?;
    let shop = Shop { db: db.clone(), placed: Arc::default() };
    let ended = serve(args, routes(shop)).await;
    // The region first: what it still has to tell a backend. Then the connections.
    db.close().await;
    ended
}

fn routes(shop: Shop) -> Router {
    Router::new()
        .route("/customers/{id}", get(customers::summary))
        .route("/customers/{id}/orders", get(customers::orders))
        .route("/orders/{id}", get(orders::order))
        .route("/orders", post(place_order::place))
        .route("/products", get(products::search))
        .route("/products/{id}/price", post(products::set_price))
        // For those who run the service: not on an address that everybody reaches.
        .route("/cache", get(cache::page))
        .route("/cache.json", get(cache::figures))
        .route("/cache/explain", get(cache::explain))
        .with_state(shop)
}
