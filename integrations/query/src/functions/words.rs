//! Words that stand before a bracket without calling a function.

use std::collections::HashSet;
use std::sync::LazyLock;

const KEYWORDS: &str = "
    all and any array as asc between by call case cast check collate columns conflict constraint
    cross cube current desc distinct else end escape except exists extract false fetch filter first
    following for foreign from full glob group grouping groups having ilike in index inner intersect
    interval into is join key lateral left like limit match materialized minus natural not null
    nulls of offset on only or order ordinality outer over partition passing position preceding
    primary range recursive references regexp returning right rlike rollup row rows select set sets
    similar some substring symmetric table tablesample then ties to trim true unbounded union unique
    update using values when where window with within xor
    bigint binary bit blob bool boolean bytea char character date datetime dec decimal double enum
    float int integer json nchar numeric nvarchar real smallint text time timestamp timestamptz
    timetz tinyint unsigned uuid varbinary varbit varchar varying year precision zone
    ceil ceiling coalesce convert floor nullif overlay div mod member against";

static INDEX: LazyLock<HashSet<&str>> = LazyLock::new(|| KEYWORDS.split_whitespace().collect());

pub(super) fn is_keyword(word: &str) -> bool {
    INDEX.contains(word)
}
