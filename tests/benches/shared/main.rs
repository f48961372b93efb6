//! What a shared backend costs: ratios between peers that take turns in one run, on loopback.
//!
//! `cargo bench -p dogpile-tests` runs all of it; names of benches, and a number of rounds, choose:
//! `cargo bench -p dogpile-tests -- redis memcached 21`. The targets and the figures of the last run
//! stand in `core/benches/README.md`. Nothing here asserts a time; a lookup that is no hit ends the
//! bench.

#![expect(clippy::print_stdout, reason = "a bench tells its figures on the standard output")]

mod invalidation;
mod local;
mod memcached;
mod queries;
mod redis;
mod relay;
mod sql;
mod support;
mod wire;

const BENCHES: [&str; 14] = [
    "redis",
    "memcached",
    "wire",
    "local",
    "invalidation",
    "sql_hits",
    "sql_sweep",
    "sql_fold",
    "sql_writes",
    "relay",
    "query_hits",
    "query_delays",
    "query_mix",
    "query_overhead",
];
/// Odd, so that there is one in the middle.
const ROUNDS: usize = 75;

#[tokio::main]
async fn main() {
    // Cargo adds options of its own.
    let chosen: Vec<_> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let rounds = chosen.iter().find_map(|arg| arg.parse().ok()).unwrap_or(ROUNDS);
    let chosen: Vec<&str> = chosen.iter().map(String::as_str).collect();
    let named: Vec<&str> = BENCHES.into_iter().filter(|bench| chosen.contains(bench)).collect();
    for bench in if named.is_empty() { BENCHES.to_vec() } else { named } {
        match bench {
            "redis" => redis::run(rounds).await,
            "memcached" => memcached::run(rounds).await,
            "wire" => wire::run().await,
            "local" => local::run(rounds).await,
            "query_hits" => queries::hits(rounds).await,
            "query_delays" => queries::delays(rounds).await,
            "query_mix" => queries::mix(rounds).await,
            "query_overhead" => queries::overhead().await,
            "sql_hits" => sql::hits(rounds).await,
            "sql_sweep" => sql::sweep().await,
            "sql_fold" => sql::fold().await,
            "sql_writes" => sql::writes(rounds).await,
            "relay" => relay::run(rounds).await,
            _ => invalidation::run().await,
        }
    }
}
