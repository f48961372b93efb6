//! What is not in the log.

use dogpile::{Freshness, millis};
use dogpile_tests::services::{Faults, Part, Proxy, Worker};
use tracing::Level;

use crate::support::{self, Log, Server, no_hang, on_each_server, run, until};

on_each_server! {
    no_credentials_keys_or_values_are_logged_at_the_default_level
}

/// What must not be in it.
const KEY: &str = "the-key-of-a-customer";
const VALUE: &str = "the-value-of-a-customer";
const TAG: &str = "the-tag-of-a-customer";
const PASSWORD: &str = "the-password-of-the-server";

/// A process goes through good times and bad ones, with a log as an application has it.
fn no_credentials_keys_or_values_are_logged_at_the_default_level<S: Server>(name: &str) {
    if let Some(part) = Part::of_this_process() {
        return logging::<S>(&part);
    }
    run(async {
        let server = S::start().await;
        let proxy = Proxy::start(server.address()).unwrap();
        let url = server.url_with_password(proxy.address(), PASSWORD);
        // Where there are no passwords, there is one secret less to look for.
        let url = url.unwrap_or_else(|| S::url_through(proxy.address()));
        let mut worker = Worker::spawn(name, "logging", &[&url]).unwrap();
        worker.expect("served").unwrap();
        for entry in server.entries() {
            server.overwrite(&entry, b"garbage");
        }
        worker.send("torn").unwrap();
        worker.expect("served").unwrap();
        proxy.set(Faults { refuse: true, ..Faults::default() }).unwrap();
        worker.send("refused").unwrap();
        worker.expect("served").unwrap();
        proxy.clear().unwrap();
        worker.send("mended").unwrap();
        worker.expect("served").unwrap();
        let lines: usize = worker.expect("lines ").unwrap().parse().unwrap();
        let mut log = String::new();
        for _ in 0..lines {
            log += &worker.expect("").unwrap();
            log.push('\n');
        }
        assert!(worker.wait().unwrap().success());
        for told in ["backend unavailable", "backend is back"] {
            assert!(log.contains(told), "the log does not say `{told}`:\n{log}");
        }
        for secret in [PASSWORD, KEY, VALUE, TAG] {
            assert!(!log.contains(secret), "the log says `{secret}`:\n{log}");
        }
    });
}

/// What a creator may fail with.
type Failed = Box<dyn std::error::Error + Send + Sync>;

fn logging<S: Server>(part: &Part) {
    let log = Log::new(Level::INFO);
    tracing::subscriber::set_global_default(log.clone()).unwrap();
    run(async {
        let region = support::region(S::open(&part.arguments()[0]));
        let region = region.op_timeout(millis(500)).freshness(Freshness::Fenced).build().unwrap();
        let read = async || {
            let create = async || Ok::<_, dogpile::Error>(String::from(VALUE));
            let read = region.entry(KEY).tag(TAG).get_or_create(create);
            assert_eq!(*no_hang(read).await.unwrap(), VALUE);
        };
        let hits = async || {
            let before = region.stats().hits;
            read().await;
            region.stats().hits > before
        };
        until("there is a hit", hits).await;
        part.say("served");
        part.hear();
        for _ in 0..3 {
            read().await;
        }
        part.say("served");
        part.hear();
        for _ in 0..20 {
            read().await;
            let mut guard = region.write_guard(dogpile::Tag::new(TAG));
            guard.fence().await;
            let owed = guard.bump().await.unwrap_err();
            tracing::warn!(error = %owed, debug = ?owed, "the application logs its errors");
            // An error of a creator is the application's own, and goes to nobody else.
            let fails = async || Err::<String, Failed>(VALUE.into());
            assert!(region.entry(KEY).get_or_create(fails).await.is_err());
        }
        part.say("served");
        part.hear();
        until("hits come back", hits).await;
        part.say("served");
        tracing::info!(?region, "the application logs its region");
        let text = log.text();
        part.say(&format!("lines {}", text.lines().count()));
        text.lines().for_each(|line| part.say(line));
        region.close().await;
    });
}
