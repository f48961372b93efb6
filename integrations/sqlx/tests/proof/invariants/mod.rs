//! One test or more for each invariant, by its number.
//!
//! * I6 and I16, which are about dropped futures, are in [`drops`](crate::drops).
//! * I8, garbage from a backend, needs a backend that holds bytes: a region in memory holds the
//!   values themselves, and no byte of them is ever decoded. What one process can show of it, a lock
//!   store that fails, is under I5.
//! * I15, an invalidation that could not be delivered, needs a backend that can be away. In memory
//!   an invalidation cannot fail.

mod counters;
mod equality;
mod failures;
mod identity;
mod one_connection;
mod one_creator;
mod property;
mod unknown;
mod validity;
mod waits;
