//! The statements that the databases are asked about.
//!
//! A line of a file is a statement; lines that begin with a blank continue it. A line `## ..` says
//! what those below it are about.

pub(crate) const COMMON: &str = include_str!("corpus/common.sql");
pub(crate) const POSTGRES: &str = include_str!("corpus/postgres.sql");
pub(crate) const SQLITE: &str = include_str!("corpus/sqlite.sql");
pub(crate) const TPCH: &str =
    include_str!("../../integrations/query/tests/corpus/tpch_standard.sql");
pub(crate) const TPCH_SQLITE: &str =
    include_str!("../../integrations/query/tests/corpus/tpch_sqlite.sql");

/// Reads under this heading do not always return the same rows.
const CHANGEABLE: [&str; 2] = ["Not deterministic", "Queries that are run by functions"];

#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) about: String,
    pub(crate) sql: String,
}

impl Statement {
    pub(crate) fn new(about: &str, sql: &str) -> Self {
        Self { about: about.to_owned(), sql: sql.to_owned() }
    }

    /// It is compiled, and not run.
    pub(crate) fn only_explained(&self) -> bool {
        self.about.starts_with("Explained")
    }

    /// It takes stronger locks than its changes need.
    pub(crate) fn only_locks(&self) -> bool {
        self.about.starts_with("Locks")
    }

    /// It names tables that the database does not even look for.
    pub(crate) fn names_too_many(&self) -> bool {
        self.about.starts_with("CTEs that SQLite never")
    }

    /// It is a query, by its first word, and returns the same rows while nothing is written.
    pub(crate) fn is_deterministic_query(&self) -> bool {
        let word: String = uncommented(&self.sql)
            .chars()
            .skip_while(|c| *c == '(')
            .take_while(char::is_ascii_alphabetic)
            .collect();
        let query = ["select", "with", "values", "table"];
        query.contains(&word.to_ascii_lowercase().as_str())
            && !CHANGEABLE.contains(&self.about.as_str())
    }
}

/// What follows the comments that a statement begins with.
fn uncommented(sql: &str) -> &str {
    let sql = sql.trim_start();
    let rest = match (sql.strip_prefix("--"), sql.strip_prefix("/*")) {
        (Some(comment), _) => comment.split_once('\n'),
        (_, Some(comment)) => comment.split_once("*/"),
        _ => None,
    };
    rest.map_or(sql, |(_, rest)| uncommented(rest))
}

/// The statements of files.
pub(crate) fn of(files: &[&str]) -> Vec<Statement> {
    let mut found: Vec<Statement> = Vec::new();
    let mut about = "";
    for line in files.iter().flat_map(|text| text.lines()).filter(|line| !line.is_empty()) {
        if let Some(heading) = line.strip_prefix("## ") {
            about = heading;
        } else if line.starts_with(' ') {
            let last = found.last_mut().expect("a statement to continue");
            last.sql = format!("{}\n{line}", last.sql);
        } else {
            found.push(Statement::new(about, line));
        }
    }
    found
}

/// The queries of the corpora of the analyser: blocks with an expectation as their first line.
pub(crate) fn queries(text: &str) -> Vec<Statement> {
    text.split("\n\n")
        .filter_map(|block| block.strip_prefix("--> ")?.split_once('\n'))
        .map(|(_, sql)| Statement::new("TPC-H", sql))
        .collect()
}
