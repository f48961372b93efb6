//! Who asks.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Deserialize;

use crate::api_error::ApiError;

const EXPECTED: &str = "the header x-tenant must say who asks: acme or zeta";

/// The tenant that a request is for, by its header `x-tenant`.
///
/// Outside of an example it comes from what the request is authenticated by, and from nothing else.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Tenant(String);

impl Tenant {
    pub(crate) fn name(&self) -> &str {
        &self.0
    }

    /// The tag of what is known of a customer. Customer 7 of somebody else is another customer.
    pub(crate) fn customer_tag(&self, customer: i64) -> String {
        format!("customer:{}:{customer}", self.0)
    }
}

impl TryFrom<String> for Tenant {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, &'static str> {
        let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if is_plain && (1..=32).contains(&name.len()) { Ok(Self(name)) } else { Err(EXPECTED) }
    }
}

impl<S: Sync> FromRequestParts<S> for Tenant {
    type Rejection = ApiError;

    async fn from_request_parts(request: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let named = request.headers.get("x-tenant").and_then(|name| name.to_str().ok());
        let tenant = Self::try_from(named.unwrap_or_default().to_owned());
        tenant.map_err(ApiError::BadRequest)
    }
}

#[cfg(test)]
mod tests {
    use super::Tenant;

    #[test]
    fn a_tenant_has_a_plain_name() {
        assert_eq!(Tenant::try_from("acme".to_owned()).unwrap().customer_tag(7), "customer:acme:7");
        for wrong in ["", "acme:7", "ac me", "a".repeat(33).as_str()] {
            assert!(Tenant::try_from(wrong.to_owned()).is_err(), "{wrong} was taken");
        }
    }
}
