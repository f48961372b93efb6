//! A memcached on a free port, killed when it is dropped.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A running memcached.
#[derive(Debug, Clone)]
pub(crate) struct Memcached(Arc<Running>);

#[derive(Debug)]
struct Running {
    address: SocketAddr,
    options: Vec<String>,
    process: Mutex<Child>,
}

impl Memcached {
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// One with options of its own.
    pub(crate) fn with(options: &[&str]) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let options: Vec<_> = options.iter().map(|option| (*option).to_owned()).collect();
        let process = Mutex::new(spawn(address, &options));
        Self(Arc::new(Running { address, options, process }))
    }

    pub(crate) fn address(&self) -> String {
        self.0.address.to_string()
    }

    /// Kills it and starts it again in the same place.
    pub(crate) fn restart(&self) {
        self.kill();
        // Another second: what a server says of its start is no finer.
        std::thread::sleep(Duration::from_millis(1100));
        self.start_again();
    }

    pub(crate) fn kill(&self) {
        let mut process = self.0.process.lock().unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
    }

    pub(crate) fn start_again(&self) {
        *self.0.process.lock().unwrap() = spawn(self.0.address, &self.0.options);
    }

    /// Stops it, as SIGSTOP does; returns when it has stopped.
    pub(crate) fn freeze(&self) {
        let pid = self.signal("STOP");
        let stat = || std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        until("memcached does not stop", || stat().contains(") T "));
    }

    /// Lets it go on.
    pub(crate) fn thaw(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) -> u32 {
        let pid = self.0.process.lock().unwrap().id();
        let sent = Command::new("kill").args([format!("-{name}"), pid.to_string()]).status();
        assert!(sent.unwrap().success());
        pid
    }

    /// What it answers to raw bytes, up to and with `end`.
    pub(crate) fn raw(&self, request: &[u8], end: &str) -> String {
        String::from_utf8_lossy(&self.answer(request, end.as_bytes())).into_owned()
    }

    /// What it answers to one request for a value.
    pub(crate) fn bytes(&self, request: &[u8]) -> Vec<u8> {
        let answer = self.answer(&[request, b"mn\r\n"].concat(), b"MN\r\n");
        answer.strip_suffix(b"MN\r\n").unwrap().to_vec()
    }

    /// Writes a value by hand.
    pub(crate) fn plant(&self, key: &str, value: &[u8]) {
        let head = format!("ms {key} {} T0\r\n", value.len());
        let request = [head.as_bytes(), value, b"\r\n"].concat();
        assert_eq!(self.raw(&request, "\r\n"), "HD\r\n");
    }

    /// What it has counted.
    pub(crate) fn stat(&self, name: &str) -> u64 {
        let stats = self.raw(b"stats\r\n", "END\r\n");
        let line = stats.lines().find_map(|line| line.strip_prefix(&format!("STAT {name} ")));
        line.unwrap_or_else(|| panic!("no {name}")).parse().unwrap()
    }

    fn answer(&self, request: &[u8], end: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.0.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.write_all(request).unwrap();
        let (mut answer, mut part) = (Vec::new(), [0; 4096]);
        while !answer.ends_with(end) {
            let read = stream.read(&mut part).unwrap();
            assert!(read > 0, "{}", String::from_utf8_lossy(&answer));
            answer.extend_from_slice(&part[..read]);
        }
        answer
    }

    pub(crate) fn flush_all(&self) {
        assert_eq!(self.raw(b"flush_all\r\n", "\r\n"), "OK\r\n");
    }
}

fn spawn(address: SocketAddr, options: &[String]) -> Child {
    let process = Command::new("memcached")
        .args(["-u", "nobody", "-U", "0", "-t", "2", "-l", "127.0.0.1"])
        .args(["-p", &address.port().to_string()])
        .args(options)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("memcached is installed");
    until("memcached does not start", || TcpStream::connect(address).is_ok());
    process
}

/// Asks again and again, for ten seconds.
fn until(otherwise: &str, done: impl Fn() -> bool) {
    for _ in 0..2_000 {
        if done() {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("{otherwise}");
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Ok(process) = self.process.get_mut() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}
