//! Making a connection, and asking who is at the other end.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::reply::number;
use super::status::Run;
use crate::error::Fault;

/// A server says no more than this about itself, in bytes.
const LONGEST: usize = 64 * 1024;

/// A connection to the server at `address`, and which run of it that is.
pub(super) async fn connect(address: &str) -> Result<(TcpStream, Run), Fault> {
    let mut stream = TcpStream::connect(address).await.map_err(|_| Fault::Unreachable)?;
    // Requests of many callers are written together here; nothing is gained by waiting for more.
    stream.set_nodelay(true).map_err(|_| Fault::Unreachable)?;
    let run = greet(&mut stream).await?;
    Ok((stream, run))
}

async fn greet(stream: &mut TcpStream) -> Result<Run, Fault> {
    stream.write_all(b"stats\r\nmn\r\n").await.map_err(|_| Fault::Lost)?;
    let mut input = Vec::with_capacity(4096);
    while input.len() < LONGEST {
        if stream.read_buf(&mut input).await.map_err(|_| Fault::Lost)? == 0 {
            return Err(Fault::Lost);
        }
        if let Some(run) = greeting(&input)? {
            return Ok(run);
        }
    }
    Err(Fault::Unsupported)
}

/// The run that a whole greeting tells of; `None` while it is not whole.
fn greeting(input: &[u8]) -> Result<Option<Run>, Fault> {
    let mut said = Said::default();
    let mut lines = input.split_inclusive(|byte| *byte == b'\n');
    while let Some(line) = lines.next() {
        let Some(line) = line.strip_suffix(b"\r\n") else { return Ok(None) };
        if line != b"END" {
            said.line(line).ok_or(Fault::Unsupported)?;
            continue;
        }
        // The answer of a server that knows the meta commands, and then nothing more.
        return match (lines.next(), lines.next()) {
            (Some(b"MN\r\n"), None) => said.run().ok_or(Fault::Unsupported).map(Some),
            (Some(part), None) if b"MN\r\n".starts_with(part) => Ok(None),
            (None, None) => Ok(None),
            _ => Err(Fault::Unsupported),
        };
    }
    Ok(None)
}

/// What a server has said of itself so far.
#[derive(Debug, Default)]
struct Said {
    pid: Option<u64>,
    time: Option<u64>,
    uptime: Option<u64>,
}

impl Said {
    /// `STAT name value`.
    fn line(&mut self, line: &[u8]) -> Option<()> {
        let mut words = line.strip_prefix(b"STAT ")?.splitn(2, |byte| *byte == b' ');
        let (name, value) = (words.next()?, words.next().unwrap_or_default());
        let place = match name {
            b"pid" => &mut self.pid,
            b"time" => &mut self.time,
            b"uptime" => &mut self.uptime,
            _ => return Some(()),
        };
        *place = Some(number(value).ok()?);
        Some(())
    }

    fn run(self) -> Option<Run> {
        Some(Run { pid: self.pid?, started: self.time?.checked_sub(self.uptime?)? })
    }
}

#[cfg(test)]
mod tests {
    use super::{Run, greeting};
    use crate::error::Fault;

    const WHOLE: &[u8] = b"STAT pid 7\r\nSTAT uptime 5\r\nSTAT time 105\r\nSTAT version 1.6.18\r\n\
                           STAT rusage_user 0.1\r\nSTAT empty \r\nEND\r\nMN\r\n";

    #[test]
    fn a_greeting_tells_which_run_it_is() {
        assert_eq!(greeting(WHOLE), Ok(Some(Run { pid: 7, started: 100 })));
    }

    #[test]
    fn part_of_a_greeting_is_waited_for() {
        for end in 0..WHOLE.len() {
            assert_eq!(greeting(&WHOLE[..end]), Ok(None), "after {end} bytes");
        }
    }

    #[test]
    fn whatever_else_is_there_is_no_memcached_of_ours() {
        for other in [
            "ERROR\r\n",
            "ERROR Too many open connections\r\n",
            "+OK\r\n",
            "END\r\nMN\r\n",
            "STAT pid 7\r\nSTAT uptime 5\r\nEND\r\nMN\r\n",
            "STAT pid x\r\n",
            "STAT pid -7\r\n",
            "STAT pid 99999999999999999999999\r\n",
            "STAT pid 7\r\nSTAT uptime 5\r\nSTAT time 4\r\nEND\r\nMN\r\n",
            "STAT pid 7\r\nSTAT uptime 5\r\nSTAT time 105\r\nEND\r\nERROR\r\n",
            "STAT pid 7\r\nSTAT uptime 5\r\nSTAT time 105\r\nEND\r\nMN\r\nMN\r\n",
        ] {
            assert_eq!(greeting(other.as_bytes()), Err(Fault::Unsupported), "{other:?}");
        }
    }
}
