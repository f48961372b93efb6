//! What a caller gets: a value, or the words of an error.

use std::fmt::Debug;
use std::future::Future;

/// A result that can be compared.
pub(crate) type Outcome<T> = Result<T, String>;

/// Runs `direct` once and `cached` twice, and wants the same value or the same error each time.
pub(crate) async fn same_three_times<T: Debug, F: Future<Output = sqlx::Result<T>>>(
    direct: impl Future<Output = sqlx::Result<T>>,
    cached: impl Fn() -> F,
) -> Outcome<T> {
    let expected = outcome(direct.await);
    for time in ["a miss", "a hit"] {
        let answer = outcome(cached().await);
        assert_eq!(format!("{answer:?}"), format!("{expected:?}"), "cached, {time}");
    }
    expected
}

fn outcome<T>(result: sqlx::Result<T>) -> Outcome<T> {
    result.map_err(|error| error.to_string())
}
