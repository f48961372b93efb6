//! A redis-server of one's own: on a free port, in a folder of its own, gone with its value.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

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
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Self(Arc::new(Inner {
            port,
            folder: tempfile::tempdir().unwrap(),
            arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
            process: Mutex::default(),
        }));
        server.run();
        server
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
        command.args(["--port", &port.to_string(), "--save", "", "--bind", "127.0.0.1"]);
        command.args(arguments).current_dir(folder.path()).stdout(Stdio::null());
        *process.lock().unwrap() = Some(command.spawn().expect("redis-server is not installed"));
        while TcpStream::connect(("127.0.0.1", *port)).is_err() {
            std::thread::sleep(Duration::from_millis(5));
        }
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

    pub(crate) fn pid(&self) -> u32 {
        self.0.process.lock().unwrap().as_ref().unwrap().id()
    }

    /// A command, as `redis-cli` takes it.
    pub(crate) fn cli(&self, arguments: &[&str]) -> String {
        let port = self.port().to_string();
        let said = Command::new("redis-cli").args(["-p", &port]).args(arguments).output().unwrap();
        String::from_utf8_lossy(&said.stdout).trim().to_owned()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(process) = self.process.get_mut().unwrap() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}
