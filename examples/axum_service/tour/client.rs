//! As little of an HTTP client as the tour needs.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::failure::Failure;

/// What is asked.
#[derive(Clone, Debug)]
pub(super) struct Request {
    method: &'static str,
    path: String,
    tenant: &'static str,
    body: String,
}

impl Request {
    pub(super) fn get(path: impl Into<String>) -> Self {
        Self { method: "GET", path: path.into(), tenant: "acme", body: String::new() }
    }

    pub(super) fn post(path: impl Into<String>, body: impl fmt::Display) -> Self {
        Self { method: "POST", path: path.into(), tenant: "acme", body: body.to_string() }
    }

    pub(super) const fn of(mut self, tenant: &'static str) -> Self {
        self.tenant = tenant;
        self
    }

    fn text(&self) -> String {
        let Self { method, path, tenant, body } = self;
        format!(
            "{method} {path} HTTP/1.1\r\nhost: shop\r\nconnection: close\r\nx-tenant: {tenant}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, path, tenant, .. } = self;
        write!(f, "{method:<4} {path}")?;
        if *tenant == "acme" { Ok(()) } else { write!(f, " as {tenant}") }
    }
}

/// What was answered.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: String,
    pub(super) took: Duration,
}

/// Asks, on a connection of its own.
pub(super) async fn ask(address: SocketAddr, request: &Request) -> Result<Reply, Failure> {
    let began = Instant::now();
    let answer = send(address, &request.text()).await;
    let answer = answer.map_err(|error| Failure::Outside(format!("{request}: {error}")))?;
    let took = began.elapsed();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    match (status, answer.split_once("\r\n\r\n")) {
        (Some(status), Some((_, body))) => Ok(Reply { status, body: body.to_owned(), took }),
        _ => Err(Failure::Outside(format!("{request}: what came back is not HTTP"))),
    }
}

async fn send(address: SocketAddr, request: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}
