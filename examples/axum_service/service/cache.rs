//! `GET /cache`, `/cache.json` and `/cache/explain`: what the cache does.

use std::sync::atomic::Ordering;

use axum::Json;
use axum::extract::{Query, State};
use axum::response::Html;
use serde::Deserialize;

use super::Shop;
use super::customers::orders_of;
use crate::figures::Figures;
use crate::tenant::Tenant;

impl Shop {
    fn figures(&self) -> Figures {
        Figures::of(&self.db.stats(), self.placed.load(Ordering::Relaxed))
    }
}

pub(super) async fn page(State(shop): State<Shop>) -> Html<String> {
    Html(shop.figures().page())
}

pub(super) async fn figures(State(shop): State<Shop>) -> Json<Figures> {
    Json(shop.figures())
}

#[derive(Debug, Deserialize)]
pub(super) struct Whose {
    tenant: Tenant,
    customer: i64,
}

/// Why the orders of a customer are cached, and how the entry stands. It runs no query.
pub(super) async fn explain(State(shop): State<Shop>, Query(whose): Query<Whose>) -> String {
    orders_of(&whose.tenant, whose.customer).explain(&shop.db).await.to_string()
}
