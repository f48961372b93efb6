//! What PostgreSQL says: in its plan of a statement, in what its catalog says that a function with
//! this body depends on, and in the locks that a run of it takes.

mod catalog;
mod plan;

use std::collections::BTreeMap;

use dogpile_query::{Analyzer, Dialect};
use dogpile_tests::services::Postgres;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Connection, Row};

use crate::account::Account;
use crate::corpus::Statement;
use crate::verdict::Judged;
use catalog::Catalog;

pub(crate) async fn judge(schema: &str, statements: &[Statement]) -> Vec<Judged> {
    let server = Postgres::start().await.unwrap();
    let url = server.create_database().await.unwrap();
    let mut oracle = Oracle::new(&url, schema).await;
    let analyzer = Analyzer::new(Dialect::Postgres);
    let mut judged = Vec::new();
    for statement in statements {
        let account = oracle.account(statement).await;
        judged.push(Judged::new(statement.clone(), account, &analyzer.analyze(&statement.sql)));
    }
    println!("postgres: of {} statements {:?}", statements.len(), oracle.answers);
    let few = oracle.answers.iter().find(|(_, count)| *count * 4 < statements.len() * 3);
    assert!(few.is_none(), "hardly asked: {few:?} of {}", statements.len());
    judged
}

type Found<T> = Result<T, sqlx::Error>;

struct Oracle {
    connection: PgConnection,
    catalog: Catalog,
    /// How many statements there was an answer for, by whom.
    answers: BTreeMap<&'static str, usize>,
}

impl Oracle {
    async fn new(url: &str, schema: &str) -> Self {
        let mut connection = PgConnection::connect(url).await.unwrap();
        run(&mut connection, "SET jit = off").await.unwrap();
        run(&mut connection, schema).await.unwrap();
        let catalog = Catalog::read(&mut connection).await.unwrap();
        Self { connection, catalog, answers: BTreeMap::new() }
    }

    /// All that PostgreSQL says about a statement. It has to be able to say something.
    async fn account(&mut self, statement: &Statement) -> Account {
        let answers = match self.prepare(&statement.sql).await {
            Ok(parameters) => vec![
                ("plan", self.planned(&parameters).await),
                ("pg_depend", self.depends_on(&statement.sql, &parameters).await),
                (
                    "locks",
                    self.locked(statement, &format!("EXECUTE oracle{}", parameters.nulls())).await,
                ),
            ],
            // Not a query, and not a change of rows.
            Err(_) => vec![("locks", self.locked(statement, &statement.sql).await)],
        };
        self.send("DEALLOCATE ALL").await.unwrap();
        let mut account = Account::default();
        let mut errors = Vec::new();
        let count = answers.len();
        for (who, answer) in answers {
            match answer {
                Ok(part) => {
                    *self.answers.entry(who).or_default() += 1;
                    account.extend(part);
                }
                Err(error) => errors.push(format!("{who}: {error}")),
            }
        }
        assert!(errors.len() < count, "{}: {errors:?}", statement.sql);
        account
    }

    async fn prepare(&mut self, sql: &str) -> Found<Parameters> {
        let ask = "SELECT unnest(parameter_types)::text FROM pg_prepared_statements";
        let rows = self.send(&format!("PREPARE oracle AS {sql}\n; {ask}")).await?;
        let types: Found<_> = rows.iter().map(|row| row.try_get_unchecked(0)).collect();
        Ok(Parameters(types?))
    }

    /// The relations of the plan that holds for all parameters.
    async fn planned(&mut self, parameters: &Parameters) -> Found<Account> {
        let rows = self
            .send(&format!(
                "BEGIN; SET LOCAL plan_cache_mode = force_generic_plan;
                 EXPLAIN (VERBOSE, FORMAT JSON) EXECUTE oracle{}; ROLLBACK",
                parameters.nulls()
            ))
            .await?;
        let text: String = rows[0].try_get_unchecked(0)?;
        Ok(plan::account(&serde_json::from_str(&text).unwrap(), &self.catalog))
    }

    /// What the parser made of the names in the statement, whether or not a plan needs it.
    async fn depends_on(&mut self, sql: &str, parameters: &Parameters) -> Found<Account> {
        let rows = self
            .send(&format!(
                "BEGIN;
                 CREATE FUNCTION public.oracle{} RETURNS void LANGUAGE sql BEGIN ATOMIC {sql}\n; END;
                 {}; ROLLBACK",
                parameters.types(),
                catalog::DEPENDENCIES
            ))
            .await?;
        self.catalog.depended_on(&rows)
    }

    /// What a run of it locks, for reads and for writes.
    async fn locked(&mut self, statement: &Statement, run: &str) -> Found<Account> {
        self.send("BEGIN").await?;
        self.send(run).await?;
        let locks = self.send(catalog::LOCKS).await?;
        let mut account = self.catalog.locked(&mut self.connection, &locks).await?;
        self.send("ROLLBACK").await?;
        let sql = statement.sql.to_ascii_uppercase();
        if statement.only_explained() && !sql.starts_with("EXPLAIN ANALYZE") {
            account.forget_writes();
        }
        if statement.only_locks() {
            account = Account::default();
        }
        Ok(account)
    }

    /// Sends a text, and ends the transaction if it fails.
    async fn send(&mut self, sql: &str) -> Found<Vec<PgRow>> {
        let answer = run(&mut self.connection, sql).await;
        if answer.is_err() {
            run(&mut self.connection, "ROLLBACK").await?;
        }
        answer
    }
}

/// The types of a statement's parameters.
struct Parameters(Vec<String>);

impl Parameters {
    fn nulls(&self) -> String {
        if self.0.is_empty() {
            String::new()
        } else {
            format!("({})", vec!["NULL"; self.0.len()].join(", "))
        }
    }

    fn types(&self) -> String {
        format!("({})", self.0.join(", "))
    }
}

/// Sends a text as it is, without preparing it.
async fn run(connection: &mut PgConnection, sql: &str) -> Found<Vec<PgRow>> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).fetch_all(connection).await
}
