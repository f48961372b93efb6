//! Who a server says that it is.

use redis::aio::MultiplexedConnection;
use redis::{Pipeline, RedisError, Value};

use super::lineage::Life;
use crate::error::{Done, Failure};
use crate::scripts;

#[derive(Debug, Default)]
pub(super) struct Server {
    is_replica: bool,
    /// `None`: it would not say.
    life: Option<Life>,
}

impl Server {
    /// The life that it is in, if it is a primary; `None` where it would not say.
    pub(super) fn primary(self) -> Done<Option<Life>> {
        if self.is_replica {
            // Its answers are older than what the primary has acknowledged.
            return Err(Failure::new("the server is a replica, and no primary is known here"));
        }
        Ok(self.life)
    }
}

/// Tells a server all scripts.
pub(super) fn told() -> Pipeline {
    let mut pipeline = Pipeline::new();
    for text in scripts::texts() {
        pipeline.cmd("SCRIPT").arg("LOAD").arg(text);
    }
    pipeline
}

/// Asks the server which one it is, and tells it our scripts.
pub(super) async fn introduce(
    connection: &mut MultiplexedConnection,
) -> Result<Server, RedisError> {
    ask(connection, told()).await
}

/// Asks the server which one it is by now.
pub(super) async fn look_again(
    connection: &mut MultiplexedConnection,
) -> Result<Server, RedisError> {
    ask(connection, Pipeline::new()).await
}

/// Asks the server which one it is, in one trip with what the pipeline has already.
async fn ask(
    connection: &mut MultiplexedConnection,
    mut pipeline: Pipeline,
) -> Result<Server, RedisError> {
    let scripts = pipeline.len();
    pipeline.cmd("INFO").arg("server").cmd("INFO").arg("replication");
    let answers = connection.send_packed_commands(&pipeline, 0, scripts + 2).await?;
    // Where it would not take the scripts, their first use says so.
    let mut info = answers.into_iter().skip(scripts).map(|answer| match answer {
        Value::BulkString(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Value::VerbatimString { text, .. } => text,
        _ => String::new(),
    });
    let (server, replication) = (info.next().unwrap_or_default(), info.next().unwrap_or_default());
    let run = field(&server, "run_id");
    let history = field(&replication, "master_replid");
    Ok(Server {
        is_replica: field(&replication, "role").is_some_and(|role| role != "master"),
        life: run.zip(history).map(|(run, history)| Life { run, history }),
    })
}

/// The value of `name:value` on a line of its own.
fn field(info: &str, name: &str) -> Option<String> {
    let value = |line: &str| line.strip_prefix(name)?.strip_prefix(':').map(str::to_owned);
    info.lines().find_map(value).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::field;

    #[test]
    fn fields_of_info_are_found_by_their_whole_name() {
        let info = "# Server\r\nx_run_id:no\r\nrun_id_x:no\r\nrun_id:abc\r\nrole:\r\n";
        assert_eq!(field(info, "run_id").as_deref(), Some("abc"));
        assert_eq!(field(info, "role"), None);
        assert_eq!(field("", "role"), None);
    }
}
