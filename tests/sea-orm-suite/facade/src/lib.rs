//! sea-orm, with dogpile's connection in the place of its own: code that says `sea_orm` gets this.
//!
//! What is named here hides what the real crate calls the same; all else is the real crate's.

mod connect;
mod pools;
#[cfg(feature = "replayed")]
mod replayed;
mod tally;
mod way;

pub use real::*;

pub use connect::Database;
#[cfg(not(feature = "replayed"))]
pub use dogpile_sea_orm::{
    CachedConnection as DatabaseConnection, CachedTransaction as DatabaseTransaction,
};
pub use pools::Pools;
#[cfg(feature = "replayed")]
pub use replayed::{DatabaseConnection, DatabaseTransaction};

pub type DbConn = DatabaseConnection;

pub mod entity {
    //! The real one, but for the connection in its prelude.

    pub use real::entity::*;

    pub use crate::prelude;
}

pub mod prelude {
    //! The real one, but for the connection.

    pub use real::entity::prelude::*;

    pub use crate::{DatabaseConnection, DbConn, Pools};
}
