//! A look at a value through its own `Serialize`: what a codec would spoil in it, and whether two
//! values are the same.
//!
//! What is the same: maps and sequences with the same elements in any order, since sets and hash
//! maps come back in another one; numbers with the same bits; `Some(None)` and `None` differ.

mod compound;
mod digest;
mod paths;
mod serializer;

use serde::Serialize;

use super::{Codec, Problem};
use paths::Paths;
use serializer::{Stop, Walk};

/// Whether `codec` would write the value's bytes so that another value comes back.
///
/// # Errors
///
/// It would, or the type's `Serialize` fails.
pub(super) fn hazards<T: Serialize>(codec: Codec, value: &T) -> Result<(), Problem> {
    match value.serialize(Walk::<false>::for_hazards(codec)) {
        Ok(_) => Ok(()),
        Err(Stop { hazard: Some(hazard), at }) => Err(Problem::Hazard { hazard, at: root(at) }),
        Err(Stop { hazard: None, .. }) => Err(Problem::Unencodable),
    }
}

/// Where the two differ: the innermost place, by the names of fields and variants.
///
/// Both forms are looked at: the human-readable one may leave out what the other one shows.
pub(super) fn difference<T: Serialize>(before: &T, after: &T) -> Option<String> {
    [false, true].into_iter().find_map(|human| {
        if digest(before, human) == digest(after, human) {
            return None;
        }
        Some(root(Paths::of(before, human).first_difference(&Paths::of(after, human))))
    })
}

/// 128 bits that stand for the value; `None` if it has no such form.
fn digest<T: Serialize>(value: &T, human: bool) -> Option<u128> {
    value.serialize(Walk::<true>::for_digest(human, None)).ok().map(|node| node.digest)
}

fn root(path: String) -> String {
    if path.is_empty() { "the value itself".to_owned() } else { path }
}
