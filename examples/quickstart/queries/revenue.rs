//! What was earned: Q1, Q5, Q6, Q14, Q17, Q19.

use sqlx::FromRow;

/// Pricing summary report.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub(crate) struct Q1 {
    l_returnflag: String,
    l_linestatus: String,
    sum_qty: f64,
    sum_base_price: f64,
    sum_disc_price: f64,
    sum_charge: f64,
    avg_qty: f64,
    avg_price: f64,
    avg_disc: f64,
    count_order: i64,
}

/// Local supplier volume.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub(crate) struct Q5 {
    n_name: String,
    revenue: f64,
}

/// Forecasting revenue change.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub(crate) struct Q6 {
    revenue: Option<f64>,
}

/// Promotion effect.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub(crate) struct Q14 {
    promo_revenue: Option<f64>,
}

/// Small-quantity-order revenue.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub(crate) struct Q17 {
    avg_yearly: Option<f64>,
}

/// Discounted revenue.
#[derive(Clone, Debug, PartialEq, FromRow)]
pub(crate) struct Q19 {
    revenue: Option<f64>,
}

super::queries! {
    Q1 "q1.sql",
    Q5 "q5.sql",
    Q6 "q6.sql",
    Q14 "q14.sql",
    Q17 "q17.sql",
    Q19 "q19.sql",
}
