//! What functions return.

use std::marker::PhantomData;

/// A `Result`, under whatever name the function returns it.
pub trait Returned {
    /// The value.
    type Value;
}

impl<T, E> Returned for Result<T, E> {
    type Value = T;
}

/// A type that can be asked whether it is a `Result`.
#[derive(Debug)]
pub struct MadeOf<T>(PhantomData<T>);

impl<T, E> MadeOf<Result<T, E>> {
    /// It is.
    pub const IS_RESULT: bool = true;
}

/// The answer of all types that are not asked for by name.
pub trait NotResult {
    /// It is not.
    const IS_RESULT: bool = false;
}

impl<T> NotResult for MadeOf<T> {}

#[cfg(test)]
mod tests {
    use super::{MadeOf, NotResult as _};

    type Page = Result<String, u8>;

    #[test]
    fn a_result_is_known_by_any_name() {
        const { assert!(MadeOf::<Page>::IS_RESULT) };
        const { assert!(!MadeOf::<Option<String>>::IS_RESULT) };
    }
}
