#![doc = include_str!("docs.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod dialect;
mod error;
mod migrations;
mod names;
mod run;
mod script;
#[cfg(feature = "sea-orm")]
mod sea_orm;
mod status;
mod watched;

pub use dialect::Dialect;
pub use error::{Error, Result};
pub use migrations::Migrations;
pub use run::Database;
#[cfg(feature = "sea-orm")]
pub use sea_orm::SeaOrmMigration;
pub use status::{State, Status, Step};
pub use watched::Watched;
