//! Asking sentinels where the primary is.

use futures_util::future::select_ok;
use redis::Value;

use super::dial::Dialer;
use crate::config::Address;
use crate::error::{Done, Failure};

/// Where the primary `name` is, by the first sentinel that says so.
///
/// One that is behind may name a server that is gone, or a replica by now: then connecting fails,
/// and the next call asks again.
pub(super) async fn primary(dialer: &Dialer, sentinels: &[Address], name: &str) -> Done<Address> {
    let asked = sentinels.iter().map(|sentinel| Box::pin(ask(dialer, sentinel, name)));
    let (address, _) = select_ok(asked).await?;
    Ok(address)
}

async fn ask(dialer: &Dialer, sentinel: &Address, name: &str) -> Done<Address> {
    let mut connection = dialer.sentinel(sentinel).await?;
    let mut question = redis::cmd("SENTINEL");
    question.arg("GET-MASTER-ADDR-BY-NAME").arg(name);
    let answer = connection.send_packed_command(&question).await?;
    match answer {
        Value::Nil => Err(Failure::new("the sentinels do not know a primary of this name")),
        Value::ServerError(error) => Err(Failure::answered(&error)),
        answer => address(answer).ok_or_else(Failure::unexpected),
    }
}

fn address(answer: Value) -> Option<Address> {
    let (host, port): (String, u16) = redis::from_redis_value(answer).ok()?;
    Some(Address { host, port })
}
