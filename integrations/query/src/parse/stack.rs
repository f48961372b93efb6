//! How much stack a text may take.
//!
//! The parser grows the stack in some of its functions and counts its recursion in others, but not
//! in all: a chain of `JOIN`s without `ON`, or of `EXPLAIN`s, recurses freely, and what lies between
//! two checks may take more than the reserve of the check. The drop of a long chain of operators
//! nests as deep as the chain is long. So the stack is made large enough beforehand; it is only
//! reserved, not touched, and only for a text that is seen for the first time.

use crate::lexical::Outline;

/// The parser's frames for one token that opens a level. Measured in an unoptimised build.
const PER_LEVEL: usize = 96 * 1024;
/// More levels than this are refused: by the parser's limit, or by the outline's on joins.
const MAX_LEVELS: usize = 256;
/// To build, walk and drop one operator of a chain.
const PER_LINK: usize = 2 * 1024;
/// For everything that does not grow with the text.
const BASE: usize = 512 * 1024;

pub(super) fn needed(outline: Outline) -> usize {
    let levels = (outline.links + outline.depth).min(MAX_LEVELS);
    BASE + levels * PER_LEVEL + outline.links * PER_LINK
}
