//! `Freshness::Transactional`: a write's own transaction carries its invalidation.

mod degraded;
mod history;
mod isolation;
mod outcomes;
mod support;
mod writes;
