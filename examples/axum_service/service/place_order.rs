//! `POST /orders`: a transaction over two tables, which invalidates when it commits.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use dogpile_sqlx::CachedTransaction;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use super::{Database, Shop};
use crate::api_error::ApiError;
use crate::tenant::Tenant;

#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    customer: i64,
    product: i64,
    quantity: i64,
}

#[derive(Debug, FromRow, Serialize)]
pub(super) struct Placed {
    id: i64,
    total: i64,
}

/// A client that goes away drops this future. Wherever that is, the transaction rolls back, or what it
/// wrote is invalidated, if COMMIT was sent already.
pub(super) async fn place(
    State(shop): State<Shop>,
    tenant: Tenant,
    Json(wanted): Json<Wanted>,
) -> Result<(StatusCode, Json<Placed>), ApiError> {
    if !(1..=10_000).contains(&wanted.quantity) {
        return Err(ApiError::BadRequest("the quantity must be from 1 to 10000"));
    }
    let mut tx = shop.db.begin().await?;
    // An early return drops `tx`, which rolls back: nothing is invalidated then.
    let placed = insert(&mut tx, &tenant, &wanted).await?.ok_or(ApiError::NotFound)?;
    if !take_from_stock(&mut tx, &wanted).await? {
        tx.rollback().await?;
        return Err(ApiError::SoldOut);
    }
    // The summary of a customer depends on a tag and not on a table: this cannot be in the SQL.
    tx.invalidate([tenant.customer_tag(wanted.customer)]);
    let count = Arc::clone(&shop.placed);
    tx.on_commit(move || {
        count.fetch_add(1, Ordering::Relaxed);
    });
    // When it returns, no read that begins now is answered with what was there before.
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(placed)))
}

/// The order, at the price of this moment; `None` if there is no such product.
async fn insert(
    tx: &mut CachedTransaction<'_, Database>,
    tenant: &Tenant,
    wanted: &Wanted,
) -> sqlx::Result<Option<Placed>> {
    sqlx::query_as(
        "INSERT INTO shop_orders (tenant, customer, product, quantity, total)
         SELECT $1, $2, id, $4, price * $4 FROM shop_products WHERE tenant = $1 AND id = $3
         RETURNING id, total",
    )
    .bind(tenant.name())
    .bind(wanted.customer)
    .bind(wanted.product)
    .bind(wanted.quantity)
    .fetch_optional(&mut **tx)
    .await
}

/// Whether there were so many.
async fn take_from_stock(
    tx: &mut CachedTransaction<'_, Database>,
    wanted: &Wanted,
) -> sqlx::Result<bool> {
    let taken = sqlx::query(
        "UPDATE shop_stock SET quantity = quantity - $1 WHERE product = $2 AND quantity >= $1",
    )
    .bind(wanted.quantity)
    .bind(wanted.product)
    .execute(&mut **tx)
    .await?;
    Ok(taken.rows_affected() == 1)
}
