use bytes::Bytes;
use dogpile_replay::{Malformed, Recorder, RowSet, Unfit, replay};
use dogpile_tests::statements::Statements;
use sqlx::{Column, Postgres, Row};

use crate::support::{Server, record, same_again};

#[tokio::test]
async fn rows_of_no_columns_are_as_many() {
    let mut server = Server::start().await;
    same_again(&server.rows("select").await).await;
    same_again(&server.rows("select from generate_series(1, 1000)").await).await;
}

#[tokio::test]
async fn no_rows_are_no_rows() {
    let mut server = Server::start().await;
    let set = server.record("select 1 where false").await;
    assert!(set.is_empty());
    let set = RowSet::<Postgres>::read(set.bytes().clone()).unwrap();
    assert_eq!(replay(&set).await.unwrap().len(), 0);
}

#[tokio::test]
async fn many_rows_come_back_in_their_order() {
    let mut server = Server::start().await;
    let live =
        server.rows("select g, repeat('x', g % 50), g * 2 from generate_series(1, 20000) g").await;
    same_again(&live).await;
}

#[tokio::test]
async fn cells_may_be_larger_than_any_buffer() {
    let mut server = Server::start().await;
    let live = server
        .rows("select repeat('x', n), n from unnest(array[0, 8191, 8192, 70000, 20000000]) n")
        .await;
    same_again(&live).await;
}

#[tokio::test]
async fn there_may_be_as_many_columns_as_the_server_has() {
    let mut server = Server::start().await;
    let columns = (0..1664).map(|n| format!("{n} as c{n}")).collect::<Vec<_>>().join(", ");
    same_again(&server.rows(&format!("select {columns}")).await).await;
}

#[tokio::test]
async fn columns_keep_their_order_and_may_share_a_name() {
    let mut server = Server::start().await;
    let live = server
        .rows("select 1 as b, 2 as a, 3 as b, 4 as \"?\", 5 as \"grün ☃\", 6 as \"\u{1}\"")
        .await;
    same_again(&live).await;
    let replayed = replay(&record(&live).unwrap()).await.unwrap();
    let names = replayed[0].columns().iter().map(Column::name).collect::<Vec<_>>();
    assert_eq!(names, ["b", "a", "b", "?", "grün ☃", "\u{1}"]);
    assert_eq!((replayed[0].get::<i32, _>("b"), replayed[0].get::<i32, _>(0)), (3, 1));
}

#[tokio::test]
async fn rows_of_two_results_are_no_row_set() {
    let mut server = Server::start().await;
    let (one, two) = (server.rows("select 1").await, server.rows("select 1, 2").await);
    let mut recorder = Recorder::<Postgres>::new();
    recorder.push(&one[0]).unwrap();
    assert_eq!(recorder.push(&two[0]).unwrap_err(), Unfit::Columns);
}

#[tokio::test]
async fn a_row_set_of_another_format_or_database_is_refused() {
    let mut server = Server::start().await;
    let bytes = server.record("select 1").await.bytes().to_vec();
    let changed = |at: usize| {
        let mut bytes = bytes.clone();
        bytes[at] ^= 0x40;
        RowSet::<Postgres>::read(Bytes::from(bytes)).unwrap_err()
    };
    assert_eq!((changed(0), changed(1)), (Malformed::Format, Malformed::Database));
}

#[tokio::test]
async fn a_row_set_does_not_name_values_when_it_is_printed() {
    let mut server = Server::start().await;
    let set = server.record("select 'secret' as name").await;
    let printed = format!("{set:?}");
    assert!(printed.contains("rows: 1") && !printed.contains("secret"), "{printed}");
}

#[tokio::test]
async fn recording_asks_for_memory_a_few_times_whatever_there_is() {
    let mut server = Server::start().await;
    let sql = "select g, 'x' || g, array[g], g::numeric, null from generate_series(1, 5000) g";
    let live = server.rows(sql).await;
    let mut set = None;
    let asked = allocation_counter::measure(|| set = Some(record(&live)));
    assert_eq!(set.unwrap().unwrap().len(), 5000);
    assert!(asked.count_total < 50, "{}", asked.count_total);
}

#[tokio::test]
async fn replays_are_not_logged() {
    let mut server = Server::start().await;
    let set = server.record("select 1").await;
    let statements = Statements::install();
    replay(&set).await.unwrap();
    assert_eq!(statements.matching("replay"), Vec::<String>::new());
    server.rows("select 'replay'").await;
    assert_eq!(statements.matching("replay").len(), 1);
}
