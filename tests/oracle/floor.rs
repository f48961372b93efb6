//! How many of the queries that could be cached are.

use crate::verdict::Judged;

/// The deterministic queries that are not cached, with their reasons. A change has to show here.
const UNCACHED: &str = include_str!("uncached.txt");

/// At least 95 of 100, and the others are those listed for this database.
pub(crate) fn assert_cached(database: &str, judged: &[Judged]) {
    let queries: Vec<_> = judged.iter().filter(|one| one.deterministic).collect();
    let uncached: Vec<_> = queries
        .iter()
        .filter_map(|one| {
            let reason = one.bypass.as_ref()?;
            let sql = one.statement.sql.replace('\n', " ");
            Some(format!("{database}: {reason}: {sql}"))
        })
        .collect();
    let cached = queries.len() - uncached.len();
    println!("{database}: {} statements", judged.len());
    println!("{database}: {cached} of {} deterministic queries are cached", queries.len());
    println!("{}", uncached.join("\n"));
    assert!(queries.len() >= 300, "{}", queries.len());
    assert!(cached * 100 >= queries.len() * 95, "{cached} of {}", queries.len());
    let own = format!("{database}: ");
    let listed: Vec<_> = UNCACHED.lines().filter(|line| line.starts_with(&own)).collect();
    assert_eq!(uncached, listed, "uncached.txt no longer says what is not cached");
}
