//! `GET /orders/{id}`: that there is no such order is an answer, too.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use dogpile::{minutes, secs};
use dogpile_sqlx::QueryCacheExt;
use serde::Serialize;
use sqlx::FromRow;

use super::Shop;
use crate::api_error::ApiError;
use crate::tenant::Tenant;

#[derive(Debug, FromRow, Serialize)]
pub(super) struct Order {
    id: i64,
    customer: i64,
    product: i64,
    quantity: i64,
    total: i64,
}

pub(super) async fn order(
    State(shop): State<Shop>,
    tenant: Tenant,
    Path(id): Path<i64>,
) -> Result<Response, ApiError> {
    let order = sqlx::query_as::<_, Order>(
        "SELECT id, customer, product, quantity, total
         FROM shop_orders WHERE tenant = $1 AND id = $2",
    )
    .bind(tenant.name())
    .bind(id)
    .cached()
    .scope(tenant.name())
    // An order is hardly ever written to once it is there.
    .ttl(minutes(60))
    // Whoever guesses numbers is answered from memory, but does not fill it for an hour. An order
    // that is placed meanwhile is found at once: the write invalidates the answer "none".
    .none_ttl(secs(30))
    .fetch_optional_shared(&shop.db)
    .await?;
    match &*order {
        Some(order) => Ok(Json(order).into_response()),
        None => Err(ApiError::NotFound),
    }
}
