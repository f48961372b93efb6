//! The texts: files of SQL with their placeholders filled.

mod fill;
mod ledger;
mod list;
mod plan;
mod watch;

pub(crate) use list::{ALL, Migration};
#[cfg(test)]
pub(crate) use list::{STORE, Texts};
#[cfg(any(feature = "postgres", feature = "sea-orm"))]
pub(crate) use plan::POSTGRES_LOCK;
pub(crate) use plan::{LEDGER, Plan};
