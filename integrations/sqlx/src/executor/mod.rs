//! Statements run on a [`CachedPool`](crate::CachedPool) or a
//! [`CachedConnection`](crate::CachedConnection) as on what is inside.

mod connection;
mod pool;
