//! The attributes of `dogpile`: use them through that crate.
