//! What is on a memcached server, seen and changed past every client.

use std::time::Duration;

use super::Memcached;
use crate::services::poll::poll;
use crate::services::{Error, Result};

/// How long a server may be busy with its own items.
const LIMIT: Duration = Duration::from_secs(10);

impl Memcached {
    /// The keys of all items, in no order.
    ///
    /// # Errors
    ///
    /// As [`Self::command`].
    pub fn keys(&self) -> Result<Vec<String>> {
        // By the hash table: a walk by age skips what another connection is just reading. The
        // server has one crawler, and now and then uses it itself.
        let is_busy = |error: &Error| matches!(error, Error::Refused { message, .. } if message.starts_with("BUSY"));
        let list = || self.command("lru_crawler metadump hash", None);
        let listed =
            poll(LIMIT, || Some(list()).filter(|listed| !listed.as_ref().is_err_and(is_busy)));
        let lines = listed.unwrap_or_else(list)?;
        let keys = lines.lines().filter_map(|line| line.strip_prefix("key=")?.split(' ').next());
        Ok(keys.map(decoded).collect())
    }

    /// The value under a key.
    ///
    /// # Errors
    ///
    /// As [`Self::command`].
    pub fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        let answer = self.exchange(&format!("mg {key} v"), None)?;
        let end = answer.windows(2).position(|pair| pair == b"\r\n");
        Ok(end.filter(|_| answer.starts_with(b"VA ")).map(|end| answer[end + 2..].to_vec()))
    }

    /// Puts a value under a key, with no end to its life.
    ///
    /// # Errors
    ///
    /// As [`Self::command`], and [`Error::Refused`] when it is not stored.
    pub fn set(&self, key: &str, value: &[u8]) -> Result<()> {
        let answer = self.command(&format!("ms {key} {} T0", value.len()), Some(value))?;
        if answer == "HD" {
            return Ok(());
        }
        Err(Error::Refused { service: "memcached", command: String::from("ms"), message: answer })
    }

    /// Takes an item out, if it is there.
    ///
    /// # Errors
    ///
    /// As [`Self::command`].
    pub fn delete(&self, key: &str) -> Result<()> {
        self.command(&format!("md {key}"), None).map(drop)
    }
}

/// A key as it is, of one as it is listed: what is special in a URL is a `%` and two digits there.
fn decoded(listed: &str) -> String {
    let mut parts = listed.split('%');
    let mut key = String::from(parts.next().unwrap_or_default());
    for part in parts {
        let (digits, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        key.extend(u8::from_str_radix(digits, 16).map(char::from));
        key.push_str(rest);
    }
    key
}
