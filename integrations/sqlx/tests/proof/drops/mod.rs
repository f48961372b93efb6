//! Dropping futures: nothing is left behind, nobody waits for ever, nothing stale is served (I6).

mod close;
mod late;
mod reads;
mod savepoints;
mod transactions;
mod writes;
