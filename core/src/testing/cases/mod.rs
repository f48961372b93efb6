//! The cases: each one promise of the contract, named after it.

mod about;
mod answers;
mod cancel;
mod entries;
mod fences;
mod leases;
mod life;
mod names;
mod order;
mod registers;
mod taints;
mod together;

use about::*;
use answers::*;
use cancel::*;
use entries::*;
use fences::*;
use leases::*;
use life::*;
use names::*;
use order::*;
use registers::*;
use taints::*;
use together::*;

use super::outcome::Outcome;
use super::subject::Subject;
use crate::lease::BoxFuture;

/// A promise, and how it is looked at.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) run: fn(Subject) -> BoxFuture<'static, Outcome>,
}

crate::__dogpile_each_case! { __dogpile_list_cases }
