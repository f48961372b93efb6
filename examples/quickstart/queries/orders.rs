//! Orders and who placed them: Q3, Q4, Q10, Q12, Q18.

use sqlx::FromRow;

/// Shipping priority.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub(crate) struct Q3 {
    l_orderkey: i64,
    revenue: f64,
    o_orderdate: String,
    o_shippriority: i64,
}

/// Order priority checking.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub(crate) struct Q4 {
    o_orderpriority: String,
    order_count: i64,
}

/// Returned item reporting.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub(crate) struct Q10 {
    c_custkey: i64,
    c_name: String,
    revenue: f64,
    c_acctbal: f64,
    n_name: String,
    c_address: String,
    c_phone: String,
    c_comment: String,
}

/// Shipping modes and order priority.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub(crate) struct Q12 {
    l_shipmode: String,
    high_line_count: i64,
    low_line_count: i64,
}

/// Large volume customer.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub(crate) struct Q18 {
    c_name: String,
    c_custkey: i64,
    o_orderkey: i64,
    o_orderdate: String,
    o_totalprice: f64,
    sum_quantity: f64,
}

super::queries! {
    Q3 "q3.sql",
    Q4 "q4.sql",
    Q10 "q10.sql",
    Q12 "q12.sql",
    Q18 "q18.sql",
}
