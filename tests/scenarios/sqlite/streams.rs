//! Rows one by one: only what was read to its clean end is kept.

use dogpile_sqlx::QueryCacheExt;
use futures_util::TryStreamExt;

use crate::fixture::{Client, Db, rows_of};

/// The driver gives up on a statement that gets more columns while it runs: its rows end, and
/// nothing says that they are complete. What the caller gets is the driver's affair. It is not kept.
#[tokio::test]
async fn s025_a_stream_that_the_driver_breaks_off() {
    let db = Db::new().await;
    let all = "SELECT * FROM tag";
    for (way, write) in [
        "ALTER TABLE tag ADD COLUMN a TEXT",
        "ALTER TABLE tag ADD COLUMN b TEXT",
        "ALTER TABLE tag ADD COLUMN c TEXT",
    ]
    .into_iter()
    .enumerate()
    {
        let read = async |client: &Client| match way {
            0 => rows_of(all).cached().fetch_all(&client.pool).await,
            1 => rows_of(all).cached().fetch(&client.pool).try_collect().await,
            _ => {
                let row = rows_of(all).cached().fetch_optional(&client.pool).await;
                row.map(|row| row.into_iter().collect())
            }
        };
        let reader = db.client_with(1).await;
        let rows = read(&reader).await.unwrap().len();
        let stored = db.pool.region().stats().stored;
        db.execute(write).await;
        if read(&reader).await.is_ok_and(|broken_off| broken_off.len() == rows) {
            panic!("the driver reads on: nothing is shown here any more");
        }
        assert_eq!(db.pool.region().stats().stored, stored, "way {way}");
        // Connections that are new read it as it is.
        let whole = db.truth(all).await;
        assert_eq!(read(&db.client().await).await.unwrap(), whole[..rows], "way {way}");
    }
}
