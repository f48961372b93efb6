//! The eight tables of TPC-H, a line of text a row.

use std::fmt::Display;

use tpchgen::generators::{
    CustomerGenerator, LineItemGenerator, NationGenerator, OrderGenerator, PartGenerator,
    PartSuppGenerator, RegionGenerator, SupplierGenerator,
};

/// A table, and the rows to load into it.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: usize,
    /// Fields separated by `|`, which occurs in none of them.
    pub(crate) rows: Box<dyn Iterator<Item = String> + Send>,
}

impl Table {
    fn new<R: Display>(
        name: &'static str,
        columns: usize,
        rows: impl Iterator<Item = R> + Send + 'static,
    ) -> Self {
        Self { name, columns, rows: Box::new(rows.map(|row| row.to_string())) }
    }
}

/// All of them, in the order of their keys.
pub(crate) fn tables(scale: f64) -> [Table; 8] {
    [
        Table::new("region", 3, RegionGenerator::new(scale, 1, 1).iter()),
        Table::new("nation", 4, NationGenerator::new(scale, 1, 1).iter()),
        Table::new("supplier", 7, SupplierGenerator::new(scale, 1, 1).iter()),
        Table::new("customer", 8, CustomerGenerator::new(scale, 1, 1).iter()),
        Table::new("part", 9, PartGenerator::new(scale, 1, 1).iter()),
        Table::new("partsupp", 5, PartSuppGenerator::new(scale, 1, 1).iter()),
        Table::new("orders", 9, OrderGenerator::new(scale, 1, 1).iter()),
        Table::new("lineitem", 16, LineItemGenerator::new(scale, 1, 1).iter()),
    ]
}

/// About how many rows these are: an order has four line items on average.
pub(crate) fn estimate(scale: f64) -> u64 {
    let orders = OrderGenerator::calculate_row_count(scale, 1, 1);
    let rows = 30
        + SupplierGenerator::calculate_row_count(scale, 1, 1)
        + CustomerGenerator::calculate_row_count(scale, 1, 1)
        + PartGenerator::calculate_row_count(scale, 1, 1)
        + PartSuppGenerator::calculate_row_count(scale, 1, 1) * 4
        + orders
        + orders * 4;
    u64::try_from(rows).unwrap_or_default()
}
