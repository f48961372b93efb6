//! A connection every result of which is made of bytes again before it is handed out.

mod again;
mod connection;
mod statements;
mod transaction;

pub use connection::DatabaseConnection;
pub use transaction::DatabaseTransaction;
