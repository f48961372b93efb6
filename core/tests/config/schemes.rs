//! Which backend a scheme stands for.

use std::future::pending;

use dogpile::config::{BackendUrl, Schemes};
use dogpile::{Error, ErrorKind, millis};

async fn refused(schemes: &Schemes, url: &str) -> String {
    let url: BackendUrl = url.parse().unwrap();
    let text = schemes.connect(&url).await.unwrap_err().to_string();
    text.strip_prefix("configuration: connect backend: ").unwrap().to_owned()
}

#[tokio::test]
async fn what_is_built_in_is_connected_by_name() {
    let schemes = Schemes::new();
    assert!(schemes.names().eq(["memory", "null"]));
    for text in ["memory://", "memory://shared?capacity=64MiB", "memory:", "null://"] {
        schemes.connect(&text.parse().unwrap()).await.unwrap();
    }
    assert_eq!(
        refused(&schemes, "memory://?capacity=lots").await,
        "the parameter `capacity` is not a size such as 64MiB"
    );
    assert_eq!(
        refused(&schemes, "memory://?capactiy=64MiB").await,
        "unknown parameter `capactiy`, did you mean `capacity`? Those of memory are capacity"
    );
    assert_eq!(refused(&schemes, "null://?a=1").await, "unknown parameter `a`. null has none");
    for text in ["memory://u@h", "memory://a,b", "memory://a:1", "null:///path", "null:path"] {
        assert_eq!(
            refused(&schemes, text).await,
            "this backend is in the process: its URL has parameters and at most a name, \
             such as memory://shared?capacity=64MiB",
            "{text}"
        );
    }
}

#[tokio::test]
async fn an_unknown_scheme_says_which_there_are_and_who_has_it() {
    let schemes = Schemes::new();
    let elsewhere = [
        ("redis", "dogpile-redis"),
        ("rediss", "dogpile-redis"),
        ("valkey", "dogpile-redis"),
        ("memcached", "dogpile-memcached"),
        ("postgres", "dogpile-sql-store"),
        ("mysql", "dogpile-sql-store"),
        ("sqlite", "dogpile-sql-store"),
    ];
    for (scheme, name) in elsewhere {
        assert_eq!(
            refused(&schemes, &format!("{scheme}://h")).await,
            format!(
                "no backend is registered for `{scheme}`; add the crate {name} and register its \
                 scheme. Registered are: memory, null"
            )
        );
    }
    assert_eq!(
        refused(&schemes, "memroy://").await,
        "no backend is registered for `memroy`, did you mean `memory`? Registered are: memory, null"
    );
    assert_eq!(
        refused(&schemes, "ftp://h").await,
        "no backend is registered for `ftp`. Registered are: memory, null"
    );
}

#[tokio::test]
async fn anybody_may_register_a_scheme_and_the_last_one_holds() {
    let schemes = Schemes::new()
        .register("Mine", |url| {
            Box::pin(async move {
                url.number::<u16>("pool")?;
                url.text("name");
                Schemes::new().connect(&"null://".parse()?).await
            })
        })
        .register("memory", |_| {
            Box::pin(async { Err(Error::new(ErrorKind::Unavailable, "connect backend", "mine")) })
        });
    schemes.connect(&"mine://?pool=1".parse().unwrap()).await.unwrap();
    let replaced = schemes.connect(&"memory://".parse().unwrap()).await.unwrap_err();
    assert_eq!(replaced.to_string(), "unavailable: connect backend: mine");
    assert_eq!(
        refused(&schemes, "mine://?pol=1").await,
        "unknown parameter `pol`, did you mean `pool`? Those of mine are name, pool"
    );
    assert_eq!(format!("{schemes:?}"), "{\"memory\", \"mine\", \"null\"}");
}

#[tokio::test]
async fn one_connection_does_not_tell_the_next_what_was_asked_for() {
    let url: BackendUrl = "memory://?capacity=64MiB".parse().unwrap();
    let schemes = Schemes::new();
    schemes.connect(&url).await.unwrap();
    let strict = schemes.register("memory", |_| {
        Box::pin(async { Schemes::new().connect(&"null://".parse()?).await })
    });
    assert_eq!(strict.connect(&url).await.unwrap_err().kind(), ErrorKind::Config);
}

#[tokio::test(start_paused = true)]
async fn a_backend_that_does_not_answer_is_waited_for_up_to_a_limit() {
    let schemes =
        Schemes::new().register("slow", |_| Box::pin(pending())).connect_timeout(millis(500));
    let error = schemes.connect(&"slow://".parse().unwrap()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "timeout: connect backend: the backend did not answer in time limit=500ms"
    );
    assert!(error.is_temporary());
}
