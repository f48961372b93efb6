//! Parts and who supplies them: Q2, Q11, Q15, Q16, Q20, Q21.

use sqlx::FromRow;

/// Minimum cost supplier.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub(crate) struct Q2 {
    s_acctbal: f64,
    s_name: String,
    n_name: String,
    p_partkey: i64,
    p_mfgr: String,
    s_address: String,
    s_phone: String,
    s_comment: String,
}

/// Important stock identification.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub(crate) struct Q11 {
    ps_partkey: i64,
    value: f64,
}

/// Top supplier.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub(crate) struct Q15 {
    s_suppkey: i64,
    s_name: String,
    s_address: String,
    s_phone: String,
    total_revenue: f64,
}

/// Parts and supplier relationship.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub(crate) struct Q16 {
    p_brand: String,
    p_type: String,
    p_size: i64,
    supplier_cnt: i64,
}

/// Potential part promotion.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub(crate) struct Q20 {
    s_name: String,
    s_address: String,
}

/// Suppliers who kept orders waiting.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub(crate) struct Q21 {
    s_name: String,
    numwait: i64,
}

super::queries! {
    Q2 "q2.sql",
    Q11 "q11.sql",
    Q15 "q15.sql",
    Q16 "q16.sql",
    Q20 "q20.sql",
    Q21 "q21.sql",
}
