//! How the tests' statements go to the database.

/// How the tests' statements go to the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Through the wrapper, and past the cache.
    Through,
    /// As through, and every result is made of bytes again.
    Replayed,
    /// From the cache where it has them.
    Cached,
}

impl Way {
    /// The way of this process, from `DOGPILE_SUITE_WAY`.
    ///
    /// # Panics
    ///
    /// If it is none of this build.
    pub(crate) fn of_process() -> Self {
        let replays = cfg!(feature = "replayed");
        match std::env::var("DOGPILE_SUITE_WAY").as_deref() {
            Ok("through") if !replays => Self::Through,
            Ok("cached") if !replays => Self::Cached,
            Ok("replayed") if replays => Self::Replayed,
            other => {
                panic!("DOGPILE_SUITE_WAY is {other:?}, and `replayed` in this build: {replays}")
            }
        }
    }
}
