//! Nations, years and customers: Q7, Q8, Q9, Q13, Q22.

use sqlx::FromRow;

/// Volume shipping.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub(crate) struct Q7 {
    supp_nation: String,
    cust_nation: String,
    l_year: i64,
    revenue: f64,
}

/// National market share.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub(crate) struct Q8 {
    o_year: i64,
    mkt_share: f64,
}

/// Product type profit measure.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub(crate) struct Q9 {
    nation: String,
    o_year: i64,
    sum_profit: f64,
}

/// Customer distribution.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub(crate) struct Q13 {
    c_count: i64,
    custdist: i64,
}

/// Global sales opportunity.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub(crate) struct Q22 {
    cntrycode: String,
    numcust: i64,
    totacctbal: f64,
}

super::queries! {
    Q7 "q7.sql",
    Q8 "q8.sql",
    Q9 "q9.sql",
    Q13 "q13.sql",
    Q22 "q22.sql",
}
