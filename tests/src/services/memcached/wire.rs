//! A small client of memcached's text protocol.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long a server may take to answer.
const LIMIT: Duration = Duration::from_secs(10);

/// Sends one command over a new connection and reads its answer, without its last line break.
pub(super) fn exchange(
    address: SocketAddr,
    line: &str,
    payload: Option<&[u8]>,
) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect_timeout(&address, LIMIT)?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.set_write_timeout(Some(LIMIT))?;
    let mut request = format!("{line}\r\n").into_bytes();
    if let Some(payload) = payload {
        request.extend_from_slice(payload);
        request.extend(b"\r\n");
    }
    stream.write_all(&request)?;
    let mut answer = read(&mut BufReader::new(stream))?;
    answer.truncate(answer.strip_suffix(b"\r\n").unwrap_or(&answer).len());
    Ok(answer)
}

/// Whether an answer says that the command failed.
pub(super) fn is_error(answer: &[u8]) -> bool {
    answer == b"ERROR"
        || [&b"CLIENT_ERROR"[..], b"SERVER_ERROR", b"BUSY"]
            .iter()
            .any(|word| answer.starts_with(word))
}

/// Reads lines, and the blocks of data behind them, up to the one that ends the answer.
fn read(source: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut answer = Vec::new();
    loop {
        let mut line = Vec::new();
        source.read_until(b'\n', &mut line)?;
        answer.extend_from_slice(&line);
        // One of a list of items, which alone ends without the other half of a line break.
        if line.starts_with(b"key=") && line.ends_with(b"\n") {
            continue;
        }
        if !line.ends_with(b"\r\n") {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let text = String::from_utf8_lossy(&line);
        let words: Vec<_> = text.split_ascii_whitespace().collect();
        match words[..] {
            ["STAT" | "ITEM", ..] => {}
            ["VALUE", _, _, length, ..] => read_block(source, length, &mut answer)?,
            ["VA", length, ..] => return read_block(source, length, &mut answer).map(|()| answer),
            _ => return Ok(answer),
        }
    }
}

/// Reads a block and the line break that follows it.
fn read_block(source: &mut impl BufRead, length: &str, answer: &mut Vec<u8>) -> io::Result<()> {
    let length = length.parse::<u64>().ok().and_then(|length| length.checked_add(2));
    let length = length.ok_or(io::ErrorKind::InvalidData)?;
    let read = source.take(length).read_to_end(answer)?;
    let whole = u64::try_from(read) == Ok(length) && answer.ends_with(b"\r\n");
    if whole { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_to_its_last_line_and_no_further() -> io::Result<()> {
        let answers = [
            b"STORED\r\n".as_slice(),
            b"END\r\n",
            b"VALUE a 0 7\r\nEND\r\n\r\n\r\nVALUE b 0 1\r\nx\r\nEND\r\n",
            b"STAT pid 1\r\nSTAT threads 4\r\nEND\r\n",
            b"key=a exp=-1\nkey=b exp=-1\nEND\r\n",
            b"VA 4 f0\r\n\xff\r\nx\r\n",
            b"HD\r\n",
        ];
        for answer in answers {
            let both = [answer, b"NEXT\r\n"].concat();
            assert_eq!(read(&mut &both[..])?, answer);
        }
        Ok(())
    }

    #[test]
    fn half_an_answer_is_an_error() {
        let endless = b"VA 18446744073709551615\r\n".as_slice();
        for answer in
            [b"".as_slice(), b"STO", b"VALUE a 0 9\r\nx\r\n", b"STAT a 1\r\n", b"key=a\n", endless]
        {
            assert!(read(&mut &*answer).is_err());
        }
    }

    #[test]
    fn errors_are_told_from_answers() {
        assert!(is_error(b"ERROR") && is_error(b"SERVER_ERROR out of memory"));
        assert!(!is_error(b"STORED") && !is_error(b"ERRORS"));
    }
}
