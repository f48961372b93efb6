//! The conformance suite that a backend is held against.
//!
//! Anybody who writes a [`Backend`](crate::backend::Backend) runs it on their own, in a test:
//!
//! ```
//! # // A doc test has no test harness: what the macro makes is compiled, and run elsewhere.
//! use dogpile::backend::{MemoryBackend, NullBackend};
//! use dogpile::testing::{self, Subject, conformance};
//!
//! conformance!(memory, async || MemoryBackend::new(), not_applicable = [
//!     a_register_lives_for_its_life,
//!     lost_registers_come_back_as_others,
//!     a_restart_changes_the_incarnation,
//!     nothing_is_kept,
//! ]);
//! ```
//!
//! That makes one `#[test]` of each case, on a runtime of its own with several threads. What the
//! backend's [`Capabilities`](crate::backend::Capabilities) rule out does not apply and must be
//! named under `not_applicable`: a case that is neither run nor named fails, and so does one that
//! is named and could run. So nothing passes because it was quietly left out.
//!
//! Cases draw names of their own, so one server can serve many at once. What a backend alone does
//! not offer, such as moving its clock, is given with [`Subject`]; without it times are short and
//! real.

mod cases;
mod macros;
mod outcome;
mod report;
mod run;
mod subject;

#[doc(inline)]
pub use crate::__dogpile_conformance as conformance;
pub use report::{Report, Verdict};
pub use run::{cases, run, run_all, run_as_test};
pub use subject::Subject;
