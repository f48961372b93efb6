//! What went wrong, without a key, a value or a password.

use std::borrow::Cow;

use dogpile::{Error, ErrorKind};
use redis::{ErrorKind as RedisKind, RedisError, ServerError};

/// Why something could not be done; can be told to everybody who waited for it.
///
/// Never holds what the server said in its own words: an "unknown command" repeats the arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    message: Cow<'static, str>,
    code: Option<String>,
}

pub(crate) type Done<T> = Result<T, Failure>;

impl Failure {
    pub(crate) fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self { message: message.into(), code: None }
    }

    /// The server answered, with an error.
    pub(crate) fn answered(error: &ServerError) -> Self {
        Self::code(error.code())
    }

    /// The server answered with something else than was asked for.
    pub(crate) const fn unexpected() -> Self {
        Self {
            message: Cow::Borrowed("the server's answer is not one to this question"),
            code: None,
        }
    }

    fn code(code: &str) -> Self {
        let message = match code {
            "NOAUTH" | "WRONGPASS" => "the server refused the user or password; check the URL",
            "NOPERM" => {
                "the user may not do this; allow it the commands, keys and channels of the manual"
            }
            "OOM" => "the server is full and evicts nothing; set its maxmemory-policy",
            "READONLY" => "the server is a replica; name the primary, or use redis-sentinel://",
            "LOADING" => "the server is still loading its data",
            "MOVED" | "ASK" => "the server is one of a cluster; use redis-cluster://",
            "CLUSTERDOWN" | "TRYAGAIN" | "MASTERDOWN" => "the cluster cannot serve this now",
            _ => "the server answered with an error",
        };
        // A code is one short word: nothing that anybody stored.
        let is_code = code.len() <= 20 && code.bytes().all(|byte| byte.is_ascii_uppercase());
        Self { message: Cow::Borrowed(message), code: is_code.then(|| code.to_owned()) }
    }

    /// The error of the operation that met it.
    pub(crate) fn during(self, operation: &'static str) -> Error {
        let error = Error::new(ErrorKind::Unavailable, operation, self.message);
        match self.code {
            Some(code) => error.with("code", code),
            None => error,
        }
    }
}

impl From<RedisError> for Failure {
    fn from(error: RedisError) -> Self {
        if let Some(code) = error.code() {
            return Self::code(code);
        }
        if error.is_timeout() {
            return Self::new("the server did not answer in time");
        }
        match error.kind() {
            RedisKind::AuthenticationFailed => Self::code("WRONGPASS"),
            RedisKind::RESP3NotSupported => {
                Self::new("the server does not know the protocol RESP3; Redis 6.2 and later do")
            }
            // Words of the operating system: no name and no value of ours.
            RedisKind::Io => Self::new(format!("no connection to the server: {error}")),
            RedisKind::Parse => Self::new("the server's answer is not of its protocol"),
            _ => Self::new("the call to the server failed"),
        }
    }
}

/// A setting is wrong.
pub(crate) fn wrong(message: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Config, "connect backend", message)
}
