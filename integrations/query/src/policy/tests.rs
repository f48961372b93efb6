use std::collections::BTreeSet;
use std::time::Duration;

use dogpile::Tag;
use proptest::prelude::*;
use proptest::sample::select;

use super::{Caching, Policy, Rule, TablePattern};
use crate::{Analyzer, Dialect, TableName};

fn caching(policy: &Policy, sql: &str) -> Caching {
    policy.judge(&Analyzer::new(Dialect::Postgres).analyze(sql)).caching()
}

fn allows(policy: &Policy, sql: &str) -> bool {
    let denied = policy.denied(&Analyzer::new(Dialect::Postgres).analyze(sql)).is_some();
    assert_eq!(denied, caching(policy, sql) == Caching::Never, "{sql}");
    !denied
}

fn secs(seconds: u64) -> Option<Duration> {
    Some(Duration::from_secs(seconds))
}

#[test]
fn every_table_of_a_read_must_be_allowed() {
    let all = Policy::all();
    assert!(allows(&all, "SELECT * FROM a JOIN b USING (id)"));
    let only = Policy::only(["a", "s.b"]).except(["s.a"]);
    assert!(allows(&only, "SELECT * FROM t.a"));
    assert!(allows(&only, "SELECT * FROM T.A, s.b"));
    assert!(allows(&only, "SELECT 1"));
    assert!(!allows(&only, "SELECT * FROM t.a, c"));
    assert!(!allows(&only, "SELECT * FROM t.b"));
    assert!(!allows(&only, "SELECT * FROM s.a"));
}

#[test]
fn a_name_that_may_stand_for_a_denied_table_is_denied() {
    let policy = Policy::all().except(["audit.log"]).rule("log", Rule::allow());
    assert!(!allows(&policy, "SELECT * FROM log"));
    assert!(allows(&policy, "SELECT * FROM app.log"));
}

#[test]
fn a_longer_pattern_wins_over_a_shorter() {
    let policy = Policy::only(["*"]).except(["log_*", "s.*"]).rule("log_days", Rule::allow());
    assert!(allows(&policy, "SELECT * FROM orders"));
    assert!(!allows(&policy, "SELECT * FROM log_mail"));
    assert!(!allows(&policy, "SELECT * FROM LOG_"));
    assert!(allows(&policy, "SELECT * FROM log"));
    assert!(allows(&policy, "SELECT * FROM log_days"));
    assert!(!allows(&policy, "SELECT * FROM s.orders"));
    assert!(allows(&policy, "SELECT * FROM s.log_days"));
}

#[test]
fn a_name_without_a_schema_is_not_taken_for_one_of_a_whole_schema() {
    let policy = Policy::all().except(["s.*", "s.log_*"]);
    assert!(allows(&policy, "SELECT * FROM orders, log_days"));
    assert!(!allows(&policy, "SELECT * FROM s.orders"));
}

#[test]
fn the_least_that_a_table_allows_goes_for_the_read() {
    let policy = Policy::explicit().rule("a", Rule::allow()).rule("n", Rule::deny());
    assert_eq!(caching(&policy, "SELECT * FROM a"), Caching::Always);
    assert_eq!(caching(&policy, "SELECT * FROM a, b"), Caching::Marked);
    assert_eq!(caching(&policy, "SELECT * FROM a, b, n"), Caching::Never);
    assert_eq!(caching(&policy, "SELECT 1"), Caching::Marked);
    let policy = Policy::all().rule("b", Rule::explicit());
    assert_eq!(caching(&policy, "SELECT * FROM a, b"), Caching::Marked);
}

#[test]
fn a_policy_for_marked_reads_only_allows_no_other_and_is_remembered_as_one() {
    let policy = Policy::all().rule("a", Rule::allow().tag("x")).rule("n", Rule::deny());
    let marked = policy.clone().marked_only();
    for sql in ["SELECT * FROM a", "SELECT * FROM b", "SELECT 1"] {
        assert_eq!(caching(&marked, sql), Caching::Marked, "{sql}");
    }
    assert_eq!(caching(&marked, "SELECT * FROM n"), Caching::Never);
    assert_eq!(caching(&Policy::all().marked_only(), "SELECT * FROM a"), Caching::Marked);
    assert_eq!(caching(&policy, "SELECT * FROM a"), Caching::Always);
    let sql = Analyzer::new(Dialect::Postgres).analyze("SELECT * FROM a");
    let again = policy.marked_only();
    assert!(std::ptr::eq(&*marked.judge(&sql), &*again.judge(&sql)));
    let more = again.rule("a", Rule::allow().tag("y"));
    assert_eq!(more.judge(&sql).tags().to_string(), "x, y");
    assert_eq!(caching(&more, "SELECT * FROM a"), Caching::Marked);
}

#[test]
fn the_shortest_life_counts_and_tags_and_scopes_add_up() {
    let tenant = || Some(7);
    let policy = Policy::all()
        .rule("a", Rule::allow().ttl(Duration::from_secs(9)).tag("x").scope("tenant", tenant))
        .rule("a", Rule::allow().none_ttl(Duration::from_secs(1)).tag("y").needs_scope())
        .rule("b", Rule::allow().ttl(Duration::from_secs(3)).stale_for(Duration::from_secs(5)))
        .rule("b", Rule::allow().tag("z").scope("role", || Some("clerk")));
    let sql = Analyzer::new(Dialect::Postgres).analyze("SELECT * FROM a, b, c");
    let ruling = policy.judge(&sql);
    assert_eq!((ruling.ttl(), ruling.stale_for(), ruling.none_ttl()), (secs(3), secs(5), secs(1)));
    assert_eq!(ruling.tags().to_string(), "x, y, z");
    let scopes = [("role", "clerk".to_owned()), ("tenant", "7".to_owned())];
    assert_eq!(ruling.scopes(), Some(scopes.into()));
    assert!(ruling.needs_scope());
    let rules: Vec<_> = ruling.rules().iter().map(ToString::to_string).collect();
    assert_eq!(rules, ["a by a", "b by b"]);
}

#[test]
fn a_scope_without_a_value_forbids_the_read() {
    let scoped = Rule::allow().scope("tenant", || None::<u32>);
    let policy = Policy::all().rule("a", scoped);
    let analyzer = Analyzer::new(Dialect::Postgres);
    assert_eq!(policy.judge(&analyzer.analyze("SELECT * FROM a, b")).scopes(), None);
    assert_eq!(policy.judge(&analyzer.analyze("SELECT * FROM b")).scopes(), Some(Vec::new()));
}

#[test]
fn a_rule_of_a_whole_policy_is_one_scope_however_many_tables_are_read() {
    let policy = Policy::all().rule("*", Rule::allow().scope("tenant", || Some(7)));
    let sql = Analyzer::new(Dialect::Postgres).analyze("SELECT * FROM a, b, c");
    assert_eq!(policy.judge(&sql).scopes(), Some(vec![("tenant", "7".to_owned())]));
}

#[test]
fn each_policy_has_its_own_rulings_however_many_there_are() {
    let analysis = Analyzer::new(Dialect::Postgres).analyze("SELECT * FROM a");
    let policies: Vec<Policy> = (1..10)
        .map(|n| Policy::all().rule("a", Rule::allow().ttl(Duration::from_secs(n))))
        .collect();
    for _ in 0..2 {
        for (policy, n) in policies.iter().zip(1..) {
            assert_eq!(policy.judge(&analysis).ttl(), secs(n));
            // What a copy is given besides is not what the original says.
            let denies = policy.clone().except(["a"]);
            assert_eq!(denies.judge(&analysis).caching(), Caching::Never);
        }
    }
}

#[test]
fn a_ruling_is_worked_out_once() {
    let analysis = Analyzer::new(Dialect::Postgres).analyze("SELECT * FROM a");
    let policy = Policy::all().rule("a", Rule::allow().tag("x"));
    let (one, other) = (policy.judge(&analysis), policy.judge(&analysis));
    assert!(std::ptr::eq(&*one, &*other));
}

#[test]
fn a_pattern_of_a_table_is_that_table_whatever_is_in_its_name() {
    let odd = TablePattern::from(TableName::new(None, "a.b*"));
    assert!(odd.length(&TableName::new(None, "a.b*")).is_some());
    assert!(odd.length(&TableName::new(Some("a"), "bc")).is_none());
    assert!(odd.length(&TableName::new(None, "a.bc")).is_none());
}

#[test]
fn a_pattern_is_printed_as_it_was_written() {
    for text in ["orders", "shop.orders", "log_*", "shop.log_*", "shop.*", "*"] {
        assert_eq!(TablePattern::from(text).to_string(), text);
    }
    assert_eq!(TablePattern::from("*.orders"), TablePattern::from("orders"));
}

const PATTERNS: [&str; 12] =
    ["*", "s.*", "t.*", "a*", "ab*", "s.a*", "s.ab*", "a", "ab", "abc", "s.ab", "t.abc"];

/// What the documentation says of how long a pattern is: full names before beginnings, longer
/// beginnings before shorter, and then those with a schema.
fn length(pattern: &str) -> (bool, usize, bool) {
    let name = pattern.rsplit('.').next().unwrap_or_default();
    let beginning = name.trim_end_matches('*');
    (beginning == name, beginning.len(), pattern.contains('.'))
}

fn matches(pattern: &str, (schema, table): (&str, &str)) -> bool {
    let (of, name) = pattern.split_once('.').unwrap_or((schema, pattern));
    let is_named = match name.strip_suffix('*') {
        Some(beginning) => table.starts_with(beginning),
        None => table == name,
    };
    is_named && of == schema
}

fn table() -> impl Strategy<Value = (&'static str, &'static str)> {
    (select(&["s", "t", "u"][..]), select(&["a", "ab", "abc", "abcd", "b"][..]))
}

fn rule(number: usize, caching: u8) -> Rule {
    let rule = [Rule::deny(), Rule::explicit(), Rule::allow()][usize::from(caching)].clone();
    rule.ttl(Duration::from_secs(number as u64)).tag(format!("tag {number}"))
}

proptest! {
    #[test]
    fn the_longest_match_wins(
        patterns in prop::collection::btree_map(select(&PATTERNS[..]), 0..3_u8, 0..8),
        (schema, name) in table(),
    ) {
        let longest = patterns.iter().enumerate()
            .filter(|(_, (pattern, _))| matches(pattern, (schema, name)))
            .max_by_key(|(_, (pattern, _))| length(pattern));
        let given = patterns.iter().enumerate();
        let policy = given.fold(Policy::all(), |policy, (number, (pattern, caching))| {
            policy.rule(*pattern, rule(number, *caching))
        });
        let sql = Analyzer::new(Dialect::Postgres).analyze(&format!("SELECT * FROM {schema}.{name}"));
        let ruling = policy.judge(&sql);
        match longest {
            Some((number, (_, caching))) => {
                let said = rule(number, *caching);
                prop_assert_eq!((ruling.caching(), ruling.ttl()), (said.caching, said.ttl));
                prop_assert_eq!(ruling.tags().to_string(), format!("tag {number}"));
            }
            None => prop_assert_eq!((ruling.caching(), ruling.ttl()), (Caching::Always, None)),
        }
    }

    #[test]
    fn the_order_of_rules_does_not_matter(
        (given, shuffled) in prop::collection::vec((select(&PATTERNS[..]), 0..3_u8), 0..8)
            .prop_map(|rules| rules.into_iter().enumerate().collect::<Vec<_>>())
            .prop_flat_map(|rules| (Just(rules.clone()), Just(rules).prop_shuffle())),
        tables in prop::collection::vec((table(), any::<bool>()), 1..4),
    ) {
        let sql: Vec<String> = tables.iter().map(|((schema, name), is_plain)| match is_plain {
            true => (*name).to_owned(),
            false => format!("{schema}.{name}"),
        }).collect();
        let analysis = Analyzer::new(Dialect::Postgres).analyze(&format!("SELECT 1 FROM {}", sql.join(",")));
        let judge = |rules: &[(usize, (&str, u8))]| {
            let policy = rules.iter().fold(Policy::explicit(), |policy, (number, (pattern, caching))| {
                policy.rule(*pattern, rule(*number, *caching))
            });
            let ruling = policy.judge(&analysis);
            let tags: BTreeSet<Tag> = ruling.tags().iter().cloned().collect();
            (ruling.caching(), ruling.ttl(), tags, policy.denied(&analysis).cloned())
        };
        prop_assert_eq!(judge(&given), judge(&shuffled));
    }
}
