//! One test or more for each invariant, by its number.
