//! `GET /products?search=` and `POST /products/{id}/price`: a read and the write that ends it.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use dogpile::{minutes, secs};
use dogpile_sqlx::QueryCacheExt;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use super::Shop;
use crate::api_error::ApiError;
use crate::tenant::Tenant;

#[derive(Debug, Deserialize)]
pub(super) struct Search {
    #[serde(default)]
    search: String,
}

#[derive(Debug, FromRow, Serialize)]
pub(super) struct Product {
    id: i64,
    name: String,
    price: i64,
}

pub(super) async fn search(
    State(shop): State<Shop>,
    tenant: Tenant,
    Query(Search { search }): Query<Search>,
) -> Result<Response, ApiError> {
    let products = sqlx::query_as::<_, Product>(
        "SELECT id, name, price FROM shop_products
         WHERE tenant = $1 AND lower(name) LIKE '%' || $2 || '%'
         ORDER BY name, id LIMIT 20",
    )
    // A query that may outlive its caller owns its arguments.
    .bind(tenant.name().to_owned())
    .bind(search.to_lowercase())
    .cached()
    .scope(tenant.name())
    .ttl(minutes(1))
    // After its minute the old list is served for another five while the next one is made, in a task
    // of its own: of a popular search nobody ever waits again. What a write has invalidated is not
    // served as stale.
    .stale_for(minutes(5))
    .none_ttl(secs(10))
    .detached()
    .fetch_all_shared(&shop.db)
    .await?;
    Ok(Json(&*products).into_response())
}

#[derive(Debug, Deserialize)]
pub(super) struct NewPrice {
    price: i64,
}

/// No word about the cache: the pool sees which table is written.
pub(super) async fn set_price(
    State(shop): State<Shop>,
    tenant: Tenant,
    Path(product): Path<i64>,
    Json(NewPrice { price }): Json<NewPrice>,
) -> Result<StatusCode, ApiError> {
    if !(1..=100_000_000).contains(&price) {
        return Err(ApiError::BadRequest("the price must be from 1 to 100000000 cents"));
    }
    let set = sqlx::query("UPDATE shop_products SET price = $1 WHERE tenant = $2 AND id = $3")
        .bind(price)
        .bind(tenant.name())
        .bind(product)
        .execute(&shop.db)
        .await?;
    match set.rows_affected() {
        0 => Err(ApiError::NotFound),
        _ => Ok(StatusCode::NO_CONTENT),
    }
}
