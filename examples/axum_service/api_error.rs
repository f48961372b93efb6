//! What a client is told where there is nothing to give.

use std::io::{self, Write};

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Why a request has no other answer.
#[derive(Debug)]
pub(crate) enum ApiError {
    BadRequest(&'static str),
    NotFound,
    SoldOut,
    Database(sqlx::Error),
    /// Only of what is made with `region.entry`: a query adds no errors to those of the database.
    Cache(dogpile::Error),
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, said) = match &self {
            Self::BadRequest(why) => (StatusCode::BAD_REQUEST, *why),
            Self::NotFound => (StatusCode::NOT_FOUND, "there is no such thing"),
            Self::SoldOut => (StatusCode::CONFLICT, "there are not so many left"),
            Self::Database(sqlx::Error::PoolTimedOut) | Self::Cache(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, "busy: try again")
            }
            Self::Database(_) => (StatusCode::INTERNAL_SERVER_ERROR, "something went wrong"),
        };
        // The client is not told what the database said.
        let _ = match &self {
            Self::Database(error) => writeln!(io::stderr(), "error: the database: {error}"),
            Self::Cache(error) => writeln!(io::stderr(), "error: the cache: {error}"),
            _ => Ok(()),
        };
        (status, Json(json!({ "error": said }))).into_response()
    }
}

impl From<sqlx::Error> for ApiError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl From<dogpile::Error> for ApiError {
    fn from(error: dogpile::Error) -> Self {
        Self::Cache(error)
    }
}
