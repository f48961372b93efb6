//! `GET /customers/{id}/orders` and `GET /customers/{id}`: one query, and something made of one.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use dogpile::secs;
use dogpile_sqlx::{CachedQuery, QueryCacheExt};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use sqlx::query::QueryAs;

use super::{Database, Shop};
use crate::api_error::ApiError;
use crate::tenant::Tenant;

#[derive(Debug, FromRow, Serialize)]
pub(super) struct OrderLine {
    id: i64,
    product: String,
    quantity: i64,
    total: i64,
}

type Arguments = <Database as sqlx::Database>::Arguments;
type OrdersOf<'q> = CachedQuery<QueryAs<'q, Database, OrderLine, Arguments>>;

/// A query with all that is said of its caching, to be fetched here and explained elsewhere.
pub(super) fn orders_of(tenant: &Tenant, customer: i64) -> OrdersOf<'_> {
    sqlx::query_as(
        "SELECT o.id, p.name AS product, o.quantity, o.total
         FROM shop_orders AS o JOIN shop_products AS p ON p.id = o.product
         WHERE o.tenant = $1 AND o.customer = $2
         ORDER BY o.id DESC LIMIT 100",
    )
    .bind(tenant.name())
    .bind(customer)
    .cached()
    // Whatever decides which rows a caller may see must keep results apart. Here the SQL names the
    // tenant, which is enough; the day a row-level policy or a `search_path` decides it instead, the
    // SQL says nothing any more, and without this line tenants would see each other's rows.
    .scope(tenant.name())
    // That it reads two tables is in the SQL, so any order and any new price is heard of. The tag is
    // for what does not go through this pool, such as an import at night, which can then say
    // `db.invalidate(["customer:acme:7"])`.
    .tag(tenant.customer_tag(customer))
}

pub(super) async fn orders(
    State(shop): State<Shop>,
    tenant: Tenant,
    Path(customer): Path<i64>,
) -> Result<Response, ApiError> {
    let orders = orders_of(&tenant, customer).fetch_all_shared(&shop.db).await?;
    // Written from the rows in the cache: they are not copied.
    Ok(Json(&*orders).into_response())
}

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Summary {
    orders: i64,
    spent: i64,
    rank: String,
}

/// Not the rows of a query, but what is made of them: any value can be an entry.
///
/// It depends on its tag and on nothing else, so the order of another customer leaves it alone, which
/// a dependency on the table could not. In return, whoever writes an order must name the tag.
pub(super) async fn summary(
    State(shop): State<Shop>,
    tenant: Tenant,
    Path(customer): Path<i64>,
) -> Result<Response, ApiError> {
    let region = shop.db.region();
    let summary = region
        .entry(("summary", tenant.name(), customer))
        .tag(tenant.customer_tag(customer))
        .stale_for(secs(30))
        .get_or_create(|| summarise(&shop, &tenant, customer))
        .await?;
    Ok(Json(&*summary).into_response())
}

async fn summarise(shop: &Shop, tenant: &Tenant, customer: i64) -> Result<Summary, ApiError> {
    let (orders, spent): (i64, i64) = sqlx::query_as(
        "SELECT count(*), CAST(coalesce(sum(total), 0) AS BIGINT)
         FROM shop_orders WHERE tenant = $1 AND customer = $2",
    )
    .bind(tenant.name())
    .bind(customer)
    .fetch_one(&shop.db)
    .await?;
    let rank = match spent {
        0 => "guest",
        1..100_000 => "friend",
        _ => "patron",
    };
    Ok(Summary { orders, spent, rank: rank.to_owned() })
}
