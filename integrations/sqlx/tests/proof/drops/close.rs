//! Closing a region, dropped at every poll.

use crate::support::{Cut, Fixture, Hold, Result, at_every_poll, within};

/// A write was dropped and is late, so that there is something to wait for.
async fn close(cut: Cut) -> Result<bool> {
    let fixture = Fixture::new(2).await?;
    fixture.cached().await?;
    let hold = Hold::writers(&fixture.raw).await?;
    send_and_forget(&fixture).await?;
    let releasing = async {
        assert!(hold.release().await.is_ok());
    };
    let closed = cut.run_joined(fixture.db.region().close(), releasing).await;
    within("closing again", fixture.db.region().close()).await?;
    fixture.settle().await?;
    fixture.check(&format!("closed, {cut:?}")).await?;
    assert_eq!(fixture.db.region().stats().hits, 0, "a closed region was asked");
    Ok(closed.is_some())
}

/// Sends a write and drops its future before it was answered.
async fn send_and_forget(fixture: &Fixture) -> Result {
    let mut connection = fixture.db.acquire().await?;
    let write = sqlx::query("UPDATE item SET value = value + 1").execute(&mut connection);
    assert!(Cut::after(1).run(write).await.is_none(), "the write did not wait for the lock");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_close_dropped_at_every_poll() -> Result {
    at_every_poll(close).await
}
