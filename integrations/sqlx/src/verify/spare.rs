//! Connections for comparisons: those that no caller will miss.

use std::sync::{Mutex, PoisonError};

use sqlx::pool::PoolConnection;
use sqlx::{Database, Pool};

/// Held while somebody looks: two at once would both see the same two, and take them. One for all pools,
/// because several caches may have one, and it is not held for long.
static LOOKING: Mutex<()> = Mutex::new(());

/// A connection that is idle and not the last that can be had.
pub(super) fn spare<DB: Database>(pool: &Pool<DB>) -> Option<PoolConnection<DB>> {
    let _looking = LOOKING.lock().unwrap_or_else(PoisonError::into_inner);
    let most = usize::try_from(pool.options().get_max_connections()).unwrap_or(usize::MAX);
    let open = usize::try_from(pool.size()).unwrap_or(usize::MAX);
    let free = pool.num_idle().saturating_add(most.saturating_sub(open));
    if free < 2 { None } else { pool.try_acquire() }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use sqlx::SqlitePool;
    use sqlx::sqlite::SqlitePoolOptions;
    use tokio::task::{spawn_blocking, yield_now};

    use super::spare;

    /// Whether each of two that look at the same moment has taken a connection.
    async fn two_at_once(pool: &SqlitePool) -> [bool; 2] {
        let begun = Arc::new(AtomicUsize::new(0));
        let look = || {
            let (pool, begun) = (pool.clone(), Arc::clone(&begun));
            spawn_blocking(move || {
                begun.fetch_add(1, Ordering::SeqCst);
                while begun.load(Ordering::SeqCst) < 2 {
                    std::hint::spin_loop();
                }
                spare(&pool)
            })
        };
        let (one, two) = (look(), look());
        let taken = [one.await, two.await];
        taken.map(|taken| taken.expect("no panic").is_some())
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn two_that_look_at_once_leave_the_last_connection() {
        let pool = SqlitePoolOptions::new().max_connections(2);
        let pool = pool.connect("sqlite::memory:").await.expect("a pool");
        drop([pool.acquire().await, pool.acquire().await]);
        for round in 0..2_000 {
            while pool.num_idle() < 2 {
                yield_now().await;
            }
            let taken = two_at_once(&pool).await;
            assert_eq!(taken.iter().filter(|taken| **taken).count(), 1, "round {round}");
        }
    }
}
