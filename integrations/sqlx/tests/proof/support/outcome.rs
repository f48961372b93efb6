//! What a caller gets: a value, or the words of an error.

use std::fmt::Debug;
use std::future::Future;

/// A result that can be compared.
pub(crate) type Outcome<T> = Result<T, String>;

/// Runs `direct` once and `cached` twice, and wants the same value or the same error each time.
pub(crate) async fn same_three_times<T: Debug + PartialEq, F: Future<Output = sqlx::Result<T>>>(
    direct: impl Future<Output = sqlx::Result<T>>,
    cached: impl Fn() -> F,
) -> Outcome<T> {
    let words = |error: sqlx::Error| error.to_string();
    let expected = direct.await.map_err(words);
    for time in ["a miss", "a hit"] {
        assert_eq!(cached().await.map_err(words), expected, "cached, {time}");
    }
    expected
}
