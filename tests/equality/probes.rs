//! The ways to read a query that all databases have.

/// Defines `probe`, which reads a case of one database in every way.
macro_rules! probes {
    ($database:ty, $row:ty) => {
        type Case<'p> = $crate::case::Case<'p, $database>;

        /// The query, and all that can be read of its rows.
        pub(super) async fn probe(
            pools: &$crate::pools::Pools<$database>,
            sql: String,
            tally: &std::sync::Mutex<$crate::case::Tally>,
        ) {
            let text = sql.clone();
            let make = || sqlx::query(sqlx::AssertSqlSafe(text.clone())).map(|_: $row| ());
            let case = Case::new(pools, sql, tally, make).await;
            everything(&case).await;
            tuples(&case).await;
            structs(&case).await;
            scalars(&case).await;
        }

        macro_rules! same {
            ($case:expr, $name:expr, $print:expr, $make:expr) => {{
                let (case, make, plain) = ($case, || $make, &$case.pools.plain);
                let all = async { make().fetch_all(plain).await };
                let first = async { make().fetch_optional(plain).await };
                case.same($name, make, all, first, $print).await;
            }};
        }

        macro_rules! as_types {
            ($case:expr, $function:path: $kind:ty) => {
                same!($case, stringify!($kind), |it| format!("{it:?}"), $function($case.sql()))
            };
        }

        async fn everything(case: &Case<'_>) {
            let make = || {
                sqlx::query(case.sql()).map(|row: $row| $crate::read::dump(&row, READERS))
            };
            same!(case, "all that there is", Clone::clone, make());
            case.other_ways(make, async { make().fetch_all(&case.pools.plain).await }).await;
            let offset = case.sql.len();
            same!(case, "what a closure makes of it", |it| format!("{it:?}"), {
                sqlx::query(case.sql()).try_map(move |row: $row| {
                    Ok((offset, sqlx::Row::try_get::<Option<i64>, _>(&row, 0)?))
                })
            });
        }

        async fn tuples(case: &Case<'_>) {
            as_types!(case, sqlx::query_as::<_, (i32,)>: (i32,));
            as_types!(case, sqlx::query_as::<_, (i64, Option<String>)>: (i64, Option<String>));
            as_types!(case, sqlx::query_as::<_, (Option<Vec<u8>>,)>: (Option<Vec<u8>>,));
            as_types!(case, sqlx::query_as::<_, (bool, f64, String)>: (bool, f64, String));
            as_types!(case, sqlx::query_as::<_, Wide>: Wide);
        }

        /// Wider than most rows.
        type Wide = (Option<i32>, Option<i64>, Option<f32>, Option<i16>, Option<String>);

        async fn structs(case: &Case<'_>) {
            use $crate::shapes::{Flat, FromJson, Missing, Optional, Renamed, Tried, Upper};
            as_types!(case, sqlx::query_as::<_, Optional>: Optional);
            as_types!(case, sqlx::query_as::<_, Missing>: Missing);
            as_types!(case, sqlx::query_as::<_, Renamed>: Renamed);
            as_types!(case, sqlx::query_as::<_, Flat>: Flat);
            as_types!(case, sqlx::query_as::<_, FromJson>: FromJson);
            as_types!(case, sqlx::query_as::<_, Tried>: Tried);
            as_types!(case, sqlx::query_as::<_, Upper>: Upper);
        }

        async fn scalars(case: &Case<'_>) {
            as_types!(case, sqlx::query_scalar::<_, Option<i32>>: Option<i32>);
            as_types!(case, sqlx::query_scalar::<_, i64>: i64);
            as_types!(case, sqlx::query_scalar::<_, Option<String>>: Option<String>);
            as_types!(case, sqlx::query_scalar::<_, Vec<u8>>: Vec<u8>);
            as_types!(case, sqlx::query_scalar::<_, Option<Scalar>>: Option<Scalar>);
        }
    };
}

pub(crate) use probes;
