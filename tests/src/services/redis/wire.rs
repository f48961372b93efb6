//! A small Redis client, so that tests need not trust the one that they test.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::Reply;

/// How long a server may take to answer.
const LIMIT: Duration = Duration::from_secs(10);

/// How deep lists may lie in lists.
const DEPTH: u32 = 16;

/// Sends one command over a new connection and reads its answer.
pub(super) fn exchange(address: SocketAddr, words: &[&[u8]]) -> io::Result<Reply> {
    let mut stream = TcpStream::connect_timeout(&address, LIMIT)?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.set_write_timeout(Some(LIMIT))?;
    stream.write_all(&encode(words))?;
    read(&mut BufReader::new(stream), DEPTH)
}

fn encode(words: &[&[u8]]) -> Vec<u8> {
    let mut request = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        request.extend(format!("${}\r\n", word.len()).into_bytes());
        request.extend_from_slice(word);
        request.extend(b"\r\n");
    }
    request
}

fn read(source: &mut impl BufRead, depth: u32) -> io::Result<Reply> {
    let line = read_line(source)?;
    let Some((kind, rest)) = line.split_at_checked(1) else {
        return Err(unreadable());
    };
    Ok(match kind {
        "+" => Reply::Status(rest.into()),
        "-" => Reply::Error(rest.into()),
        ":" => Reply::Integer(rest.parse().map_err(|_| unreadable())?),
        "$" => length(rest)?.map_or(Ok(Reply::Nil), |length| read_bytes(source, length))?,
        "*" => length(rest)?.map_or(Ok(Reply::Nil), |length| read_list(source, length, depth))?,
        _ => return Err(unreadable()),
    })
}

fn read_line(source: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    source.read_line(&mut line)?;
    if line.is_empty() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    line.strip_suffix("\r\n").map(String::from).ok_or_else(unreadable)
}

/// A length, or nothing for -1.
fn length(text: &str) -> io::Result<Option<u64>> {
    match text {
        "-1" => Ok(None),
        _ => text.parse().map(Some).map_err(|_| unreadable()),
    }
}

fn read_bytes(source: &mut impl BufRead, length: u64) -> io::Result<Reply> {
    // Grows as bytes come, whatever length was announced.
    let mut bytes = Vec::new();
    source.take(length).read_to_end(&mut bytes)?;
    let mut end = [0; 2];
    source.read_exact(&mut end)?;
    if u64::try_from(bytes.len()) != Ok(length) || end != *b"\r\n" {
        return Err(unreadable());
    }
    Ok(Reply::Bytes(bytes))
}

fn read_list(source: &mut impl BufRead, length: u64, depth: u32) -> io::Result<Reply> {
    let depth = depth.checked_sub(1).ok_or_else(unreadable)?;
    (0..length).map(|_| read(source, depth)).collect::<io::Result<_>>().map(Reply::List)
}

fn unreadable() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "this is no answer of a Redis server")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(mut bytes: &[u8]) -> io::Result<Reply> {
        read(&mut bytes, DEPTH)
    }

    #[test]
    fn every_kind_of_answer_is_read() -> io::Result<()> {
        let answer = b"*6\r\n+OK\r\n-ERR no\r\n:-7\r\n$4\r\n\r\n\0\xff\r\n$-1\r\n*0\r\n";
        let expected = vec![
            Reply::Status("OK".into()),
            Reply::Error("ERR no".into()),
            Reply::Integer(-7),
            Reply::Bytes(b"\r\n\0\xff".to_vec()),
            Reply::Nil,
            Reply::List(Vec::new()),
        ];
        assert_eq!(parse(answer)?, Reply::List(expected));
        Ok(())
    }

    #[test]
    fn what_is_no_answer_is_an_error() {
        let deep = b"*1\r\n".repeat(100);
        let endless: &[u8] = b"$9223372036854775807\r\nab\r\n";
        let broken = [b"".as_slice(), b"\r\n", b"+OK\n", b"?\r\n", b":x\r\n", b"$1\r\nabc", &deep];
        for answer in broken.into_iter().chain([endless]) {
            assert!(parse(answer).is_err(), "{:?}", String::from_utf8_lossy(answer));
        }
    }

    #[test]
    fn a_command_is_a_list_of_words_of_any_bytes() {
        assert_eq!(encode(&[b"GET", b"\0\r\n"]), b"*2\r\n$3\r\nGET\r\n$3\r\n\0\r\n\r\n");
    }
}
