//! Tables whose reads are not to be cached.

use dogpile_sqlx::Policy;

use crate::fixture::{Client, Db, by};

async fn client(db: &Db, policy: Policy) -> Client {
    let mut client = db.client().await;
    client.pool = client.pool.with_policy(policy);
    client
}

async fn s058_a_denied_table_and_one_that_is_not_on_the_list() {
    let db = Db::new().await;
    for policy in [Policy::all().except(["author"]), Policy::only(["post", "tag"])] {
        let client = client(&db, policy).await;
        client.bypasses("SELECT * FROM author", "denied_table").await;
        let other_case = by("main.Author", "main.Author", "main.author");
        client.bypasses(format!("SELECT * FROM {other_case}").leak(), "denied_table").await;
        client.warm("SELECT * FROM post").await;
        // A denied table is written like any other.
        client.execute("UPDATE author SET name = name || '!'").await;
    }
    // What one client may not cache, another may: the policy is the pool's, not the region's.
    db.invalidates("UPDATE author SET name = 'new'", &["SELECT * FROM author"]).await;
}

async fn s059_a_join_of_an_allowed_and_a_denied_table() {
    let db = Db::new().await;
    let client = client(&db, Policy::all().except(["author"])).await;
    let join = "SELECT p.id FROM post p JOIN author a ON a.id = p.author_id";
    client.bypasses(join, "denied_table").await;
    let hidden = "SELECT id FROM post WHERE author_id IN (SELECT id FROM author)";
    client.bypasses(hidden, "denied_table").await;
}

scenarios! {
    s058_a_denied_table_and_one_that_is_not_on_the_list,
    s059_a_join_of_an_allowed_and_a_denied_table,
}
