//! How late a relay says it is.

use std::time::Duration;

use dogpile::backend::MemoryBackend;
use tokio::time::{Instant, sleep};

use super::place::{Place, relay, served, settled, shared, until};

super::on_each!(the_lag_counts_the_transaction_of_the_writer);

/// The database counts whole milliseconds, on a clock of its own.
const GRAIN: Duration = Duration::from_millis(100);

async fn the_lag_counts_the_transaction_of_the_writer<P: Place>() {
    let (place, backend) = (P::start().await, MemoryBackend::default());
    let db = shared(&place, &backend).await;
    let relay = relay(&db).start().await.unwrap();
    until("the tables were noted when they were watched", async || relay.stats().rows >= 2).await;
    settled::<P>(&db, "cake").await;
    let transaction = P::hold(&place.pool().await, "cake", 2).await;
    let written = Instant::now();
    sleep(Duration::from_secs(1)).await;
    let held = written.elapsed();
    assert_eq!(relay.stats().rows, 2, "it is not committed");
    transaction.commit().await.unwrap();
    served::<P>(&db, "cake", 2).await;
    until("it is counted", async || relay.stats().rows >= 3).await;
    let stats = relay.stats();
    assert!(stats.lag + GRAIN >= held, "held for {held:?}: {stats:?}");
    assert!(stats.longest_lag >= stats.lag, "{stats:?}");
    assert_eq!(relay.lag(), stats.lag);
}
