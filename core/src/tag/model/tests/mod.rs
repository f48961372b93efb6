//! The tag model's checks: what holds, and what each wrong design breaks.

mod holds;
mod mutants;

use super::scope::{Kind, Scope};

/// Writers of a scope.
const TWO_HARD: &[Kind] = &[Kind::Hard, Kind::Hard];
const HARD_AND_SOFT: &[Kind] = &[Kind::Hard, Kind::Soft];

const EVICTION: Scope = Scope { evictions: 1, ..Scope::PLAIN };
const SOFT_REGION: Scope = Scope { soft: true, writers: HARD_AND_SOFT, ..Scope::PLAIN };
const JOURNAL: Scope = Scope { replay: true, writers: TWO_HARD, ..Scope::PLAIN };
const TWICE: Scope = Scope { late_creates: 1, ..Scope::PLAIN };
