//! Each query on the database, then cold and warm through the cache.

use std::time::Duration;

use dogpile_sqlx::QueryCacheExt;

use crate::cache::Db;
use crate::clock::{Watch, median};
use crate::failure::Failure;
use crate::queries::*;
use crate::report::Report;
use crate::statements::Statements;

/// A direct query is run until this is spent, but three times at least and nine at most,
const BUDGET: Duration = Duration::from_millis(500);
/// and fewer than three times only where they would take longer than this.
const PATIENCE: Duration = Duration::from_secs(10);
/// Warm hits are timed a batch at a time, since the watch itself takes a part of a microsecond.
const BATCHES: usize = 50;
const HITS: u32 = 100;

/// What was measured of one query.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timing {
    pub(crate) name: &'static str,
    pub(crate) rows: usize,
    pub(crate) direct: Duration,
    pub(crate) cold: Duration,
    pub(crate) warm: Duration,
}

impl Timing {
    /// How many times faster than direct.
    pub(crate) fn speedup(&self) -> f64 {
        self.direct.as_secs_f64() / self.warm.as_secs_f64().max(1e-9)
    }

    /// The same as a whole number.
    pub(crate) fn times_faster(&self) -> u64 {
        let times = self.direct.as_nanos() / self.warm.as_nanos().max(1);
        u64::try_from(times).unwrap_or(u64::MAX)
    }
}

/// Who is asked.
#[derive(Debug)]
pub(crate) struct Bench<'a> {
    pub(crate) db: &'a Db,
    pub(crate) statements: &'a Statements,
}

impl Bench<'_> {
    /// All 22, in the standard's order.
    pub(crate) async fn all(&self, report: Report) -> Result<Vec<Timing>, Failure> {
        let mut timings = Vec::new();
        report.head()?;
        macro_rules! time {
            ($($query:ident)+) => {$(
                let timing = self.time::<$query>().await?;
                report.timing(&timing)?;
                timings.push(timing);
            )+};
        }
        time!(Q1 Q2 Q3 Q4 Q5 Q6 Q7 Q8 Q9 Q10 Q11 Q12 Q13 Q14 Q15 Q16 Q17 Q18 Q19 Q20 Q21 Q22);
        Ok(timings)
    }

    async fn time<Q: Query>(&self) -> Result<Timing, Failure> {
        let (rows, direct) = self.direct::<Q>().await?;
        let cold = self.cold::<Q>(&rows).await?;
        let warm = self.warm::<Q>(&rows).await?;
        Ok(Timing { name: Q::NAME, rows: rows.len(), direct, cold, warm })
    }

    /// The database alone, warm: once to warm up, then the median.
    async fn direct<Q: Query>(&self) -> Result<(Vec<Q>, Duration), Failure> {
        let rows = sqlx::query_as::<_, Q>(Q::SQL).fetch_all(self.db.inner()).await?;
        let mut measured = Vec::new();
        let spent = Watch::start();
        while wants_more(measured.len(), spent.elapsed()) {
            let watch = Watch::start();
            sqlx::query_as::<_, Q>(Q::SQL).fetch_all(self.db.inner()).await?;
            measured.push(watch.elapsed());
        }
        Ok((rows, median(measured)))
    }

    /// The first time through the cache: a miss.
    async fn cold<Q: Query>(&self, direct: &[Q]) -> Result<Duration, Failure> {
        let watch = Watch::start();
        let rows = sqlx::query_as::<_, Q>(Q::SQL).cached().fetch_all_shared(self.db).await?;
        let cold = watch.elapsed();
        same(direct, &rows)?;
        Ok(cold)
    }

    /// From then on: hits, which the database never hears of.
    async fn warm<Q: Query>(&self, direct: &[Q]) -> Result<Duration, Failure> {
        let mut measured = Vec::with_capacity(BATCHES);
        self.statements.listen();
        for _ in 0..BATCHES {
            let watch = Watch::start();
            for _ in 0..HITS {
                sqlx::query_as::<_, Q>(Q::SQL).cached().fetch_all_shared(self.db).await?;
            }
            measured.push(watch.elapsed() / HITS);
        }
        let rows = sqlx::query_as::<_, Q>(Q::SQL).cached().fetch_all_shared(self.db).await?;
        let asked = self.statements.heard().await.iter().filter(|s| s.is(Q::SQL)).count();
        if asked > 0 {
            return Err(Failure::Promise(format!("{} was warm, and run {asked} times", Q::NAME)));
        }
        same(direct, &rows)?;
        Ok(median(measured))
    }
}

fn wants_more(runs: usize, spent: Duration) -> bool {
    match runs {
        0 => true,
        1..3 => spent < PATIENCE,
        3..9 => spent < BUDGET,
        _ => false,
    }
}

fn same<Q: Query>(direct: &[Q], cached: &[Q]) -> Result<(), Failure> {
    if direct == cached {
        return Ok(());
    }
    Err(Failure::Promise(format!("{} has other rows from the cache than directly", Q::NAME)))
}
