//! The texts: files of SQL with their placeholders filled.

mod fill;
mod ledger;
mod list;
mod plan;

pub(crate) use list::{ALL, Migration};
#[cfg(test)]
pub(crate) use list::{STORE, Texts};
pub(crate) use plan::{LEDGER, POSTGRES_LOCK, Plan};
