//! dogpile.cache's first example, line by line in Rust: each step says in a comment which line of
//! Python it stands for.
//!
//! ```text
//! cargo run --example dogpile_port
//! ```
//!
//! Nothing has to run beside it: the backend is [`MemoryBackend`].

use std::io::{self, Write};
use std::sync::atomic::{AtomicU32, Ordering};

use dogpile::backend::MemoryBackend;
use dogpile::{DeclaredRegion, Error, Region, cached, hours, minutes, secs};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

// region = make_region()
static REGION: DeclaredRegion = DeclaredRegion::new("example");

/// How often the slow part ran: what a cache is there to keep low.
static LOADS: AtomicU32 = AtomicU32::new(0);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct User {
    id: u64,
    name: String,
}

// @region.cache_on_arguments(expiration_time=600)
// def load_user_info(user_id):
//     return some_database.lookup_user_by_id(user_id)
#[cached(region = REGION, ttl = minutes(10), tag = "users")]
async fn load_user_info(user_id: u64) -> Result<User, Error> {
    Ok(lookup_user_by_id(user_id).await)
}

/// A database that takes its time.
async fn lookup_user_by_id(id: u64) -> User {
    LOADS.fetch_add(1, Ordering::SeqCst);
    tokio::time::sleep(dogpile::millis(20)).await;
    User { id, name: format!("user {id}") }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // region.configure("dogpile.cache.pylibmc", expiration_time=3600,
    //                  arguments={"url": ["127.0.0.1"]})
    let built = REGION.builder().ttl(hours(1)).stale_for(secs(30)).backend(MemoryBackend::new());
    let region = REGION.configure(built.build()?)?;

    say("", "loads")?;
    decorated().await?;
    by_hand(region).await?;
    several(region).await?;
    at_once().await?;
    writeln!(io::stdout(), "\n{}", region.stats())?;
    Ok(())
}

/// The function and what the decorator hangs on it.
async fn decorated() -> Result<(), Box<dyn std::error::Error>> {
    // user = load_user_info(5)
    let user = load_user_info(5).await?;
    step("load_user_info(5)", 1)?;

    // again = load_user_info(5)
    assert_eq!(load_user_info(5).await?, user);
    step("load_user_info(5), again", 1)?;

    // load_user_info.get(5)
    assert_eq!(load_user_info::get(&5).await.as_deref(), Some(&user));
    step("load_user_info::get(5)", 1)?;

    // load_user_info.refresh(5)
    load_user_info::refresh(5).await?;
    step("load_user_info::refresh(5)", 2)?;

    // load_user_info.set(user, 5)
    load_user_info::set(&5, User { id: 5, name: String::from("renamed") }).await?;
    assert_eq!(load_user_info(5).await?.name, "renamed");
    step("load_user_info::set(5, renamed)", 2)?;

    // load_user_info.invalidate(5)
    load_user_info::invalidate(&5).await?;
    assert_eq!(load_user_info(5).await?, user);
    step("load_user_info::invalidate(5)", 3)?;
    Ok(())
}

/// A key of one's own.
async fn by_hand(region: &Region) -> Result<(), Box<dyn std::error::Error>> {
    // region.get_or_create("user:7", lambda: lookup_user_by_id(7), expiration_time=60)
    let entry = || region.entry(("user", 7_u64)).tag("users").ttl(minutes(1));
    for _ in 0..2 {
        entry().get_or_create(async || Ok::<_, Error>(lookup_user_by_id(7).await)).await?;
    }
    step("get_or_create, twice", 4)?;

    // region.delete("user:7"); region.get("user:7") is NO_VALUE
    entry().delete().await?;
    assert!(entry().get::<User>().await.is_none());
    step("delete", 4)?;
    Ok(())
}

/// Several keys, and everything that has one tag.
async fn several(region: &Region) -> Result<(), Box<dyn std::error::Error>> {
    // region.get_or_create_multi(["user:1", "user:2"], creator)
    let users = || region.entries([1_u64, 2]).tag("users");
    let load = async |missing: Vec<u64>| {
        let mut users = Vec::new();
        for id in missing {
            users.push(lookup_user_by_id(id).await);
        }
        Ok::<_, Error>(users)
    };
    users().get_or_create_multi(load).await?;
    step("get_or_create_multi of two", 6)?;

    // Nothing in dogpile.cache, where this is region.invalidate(), for all that the region has:
    region.invalidate(["users"]).await?;
    assert!(users().get_multi::<User>().await.iter().all(Option::is_none));
    step("invalidate the tag `users`", 6)?;
    Ok(())
}

/// What the lock is for.
async fn at_once() -> Result<(), Box<dyn std::error::Error>> {
    // for _ in range(1000): Thread(target=load_user_info, args=(9,)).start()
    let mut callers = JoinSet::new();
    for _ in 0..1_000 {
        callers.spawn(load_user_info(9));
    }
    while let Some(called) = callers.join_next().await {
        assert_eq!(called??.id, 9);
    }
    step("a thousand at once", 7)?;
    Ok(())
}

/// One line of the table; the figure is checked, too.
fn step(what: &str, expected: u32) -> Result<(), io::Error> {
    let loads = LOADS.load(Ordering::SeqCst);
    assert_eq!(loads, expected, "{what}");
    say(what, &loads.to_string())
}

fn say(what: &str, loads: &str) -> Result<(), io::Error> {
    writeln!(io::stdout(), "{what:<34}{loads:>6}")
}
