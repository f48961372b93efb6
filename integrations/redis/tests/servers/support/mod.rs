//! A redis-server of one's own: on a free port, in a folder of its own, gone with its value.

mod cluster;
mod proxy;
mod sentinel;

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(crate) use cluster::Cluster;
pub(crate) use proxy::Proxy;
pub(crate) use sentinel::Watched;
use tempfile::TempDir;

#[derive(Clone)]
pub(crate) struct Server(Arc<Inner>);

struct Inner {
    port: u16,
    folder: TempDir,
    arguments: Vec<String>,
    process: Mutex<Option<Child>>,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    pub(crate) fn with(arguments: &[&str]) -> Self {
        let ours = ["--save", "", "--enable-debug-command", "local"];
        let arguments = ours.iter().chain(arguments).map(|argument| (*argument).to_owned());
        Self::begin(tempfile::tempdir().unwrap(), arguments.collect())
    }

    /// A place where nobody listens yet.
    pub(crate) fn absent() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let arguments = ["--save", ""].map(str::to_owned).into();
        let process = Mutex::default();
        Self(Arc::new(Inner { port: free_port(), folder, arguments, process }))
    }

    fn begin(folder: TempDir, arguments: Vec<String>) -> Self {
        let process = Mutex::default();
        let server = Self(Arc::new(Inner { port: free_port(), folder, arguments, process }));
        server.run();
        server
    }

    /// A sentinel that watches nobody yet.
    pub(crate) fn sentinel() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sentinel.conf");
        std::fs::write(&file, "").unwrap();
        Self::begin(folder, vec![file.display().to_string(), "--sentinel".to_owned()])
    }

    pub(crate) fn port(&self) -> u16 {
        self.0.port
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port())
    }

    /// Starts the process, and waits until it listens.
    pub(crate) fn run(&self) {
        let Inner { port, folder, arguments, process } = &*self.0;
        let mut command = Command::new("redis-server");
        // A sentinel's file comes first.
        command.args(arguments).args(["--port", &port.to_string(), "--bind", "127.0.0.1"]);
        command.current_dir(folder.path()).stdout(Stdio::null());
        *process.lock().unwrap() = Some(command.spawn().expect("redis-server is not installed"));
        while TcpStream::connect(("127.0.0.1", *port)).is_err() {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Sends a signal to the process, such as `STOP`.
    pub(crate) fn signal(&self, name: &str) {
        let process = self.0.process.lock().unwrap().as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args(["-s", name, &process]).status().unwrap().success());
    }

    pub(crate) fn kill(&self) {
        if let Some(mut process) = self.0.process.lock().unwrap().take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    pub(crate) fn restart(&self) {
        self.kill();
        self.run();
    }

    /// A command, as `redis-cli` takes it.
    pub(crate) fn cli(&self, arguments: &[&str]) -> String {
        let port = self.port().to_string();
        let said = Command::new("redis-cli").args(["-p", &port]).args(arguments).output().unwrap();
        String::from_utf8_lossy(&said.stdout).trim().to_owned()
    }
}

/// A free port; ten thousand above it there is room for the bus of a cluster.
fn free_port() -> u16 {
    let free = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let is_good =
        |port: &u16| *port < 55_000 && TcpListener::bind(("127.0.0.1", port + 10_000)).is_ok();
    std::iter::repeat_with(free).find(is_good).unwrap()
}

/// Waits until it is so.
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..3_000 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("in vain for 30 s: {what}");
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(process) = self.process.get_mut().unwrap() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}
