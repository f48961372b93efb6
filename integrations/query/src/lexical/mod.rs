//! What can be told about a text without parsing it.
//!
//! Used before the parser, to bound what it is given, and instead of it, for what it does not
//! understand. Comments and string literals are skipped here as the database skips them.

mod guess;
mod hint;
mod outline;
mod scan;
mod shape;
mod words;

pub(crate) use guess::guess;
pub(crate) use hint::hint;
pub(crate) use outline::Outline;
pub use shape::shape;
pub(crate) use words::words;
