//! The table.

use std::time::Duration;

use comfy_table::Table;
use comfy_table::presets::ASCII_MARKDOWN;

use crate::contest::{Contestant, Figures};

/// All figures, and beside each how many times the first contestant's it is.
pub fn of(contestants: &[&dyn Contestant], figures: &[Figures]) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header([
        "cache",
        "one creator",
        "hit, one key",
        "hit, 10,000 keys",
        "100 keys together",
        "miss",
        "stampede: creations",
        "p50 over",
        "p99 over",
        "bytes beside the payload",
    ]);
    for (contestant, own) in contestants.iter().zip(figures) {
        let first = &figures[0];
        let stampede = |of: fn(&crate::measure::Stampede) -> Duration| {
            let over = own.stampede.iter().map(of).min().unwrap_or_default();
            format!("{:.1} ms", over.as_secs_f64() * 1e3)
        };
        let creations = own.stampede.iter().map(|stampede| stampede.creations).max();
        table.add_row([
            contestant.name().to_owned(),
            if contestant.coalesces() { "yes" } else { "no" }.to_owned(),
            nanos(&own.hot, &first.hot),
            nanos(&own.spread, &first.spread),
            nanos(&own.together, &first.together),
            nanos(&own.miss, &first.miss),
            creations.unwrap_or_default().to_string(),
            stampede(|stampede| stampede.p50),
            stampede(|stampede| stampede.p99),
            format!("{:.0}", own.memory),
        ]);
    }
    table
}

fn nanos(own: &[f64], first: &[f64]) -> String {
    let (own, first) = (best(own), best(first));
    format!("{own:.0} ns ({:.1} x)", own / first)
}

/// The round that was disturbed least.
fn best(rounds: &[f64]) -> f64 {
    rounds.iter().copied().fold(f64::INFINITY, f64::min)
}
