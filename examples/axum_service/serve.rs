//! Listening, until the end.

use std::io::{self, Write};
use std::net::SocketAddr;

use axum::Router;
use dogpile::secs;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::args::Args;
use crate::failure::Failure;
use crate::tour;

/// Answers requests until Ctrl-C, or until the tour is over.
pub(crate) async fn serve(args: &Args, router: Router) -> Result<(), Failure> {
    let free_port = SocketAddr::from(([127, 0, 0, 1], 0));
    let address = if args.tour { free_port } else { args.listen };
    let cannot = |error| format!("cannot listen on {address}: {error}; --listen names another one");
    let listener = TcpListener::bind(address).await;
    let listener = listener.map_err(|error| Failure::Outside(cannot(error)))?;
    let address = listener.local_addr().map_err(|error| Failure::outside(&error))?;

    let (stop, stopped) = oneshot::channel::<()>();
    let server = axum::serve(listener, router).with_graceful_shutdown(async move {
        let _ = stopped.await;
    });
    let mut server = tokio::spawn(server.into_future());
    let ended = if args.tour { guided(address).await } else { open(address).await };

    // Requests under way are answered. Those that take too long are dropped, which leaves nothing
    // behind: their transactions roll back.
    let _ = stop.send(());
    if timeout(secs(10), &mut server).await.is_err() {
        server.abort();
    }
    ended
}

async fn open(address: SocketAddr) -> Result<(), Failure> {
    let asked_to_end = asked_to_end()?;
    print(format_args!(
        "http://{address}/cache is what the cache does, live; Ctrl-C ends. What to try:\n  \
         curl -H x-tenant:acme 'http://{address}/products?search=tea'\n  \
         curl -H x-tenant:acme --json '{{\"customer\":7,\"product\":1,\"quantity\":2}}' \
         http://{address}/orders\n  \
         curl -H x-tenant:acme http://{address}/customers/7/orders"
    ))?;
    asked_to_end.await;
    Ok(())
}

async fn guided(address: SocketAddr) -> Result<(), Failure> {
    let asked_to_end = asked_to_end()?;
    tokio::select! {
        shown = tour::of(address) => shown,
        () = asked_to_end => Err(Failure::Interrupted),
    }
}

/// Hears Ctrl-C from the call on, not from the first poll: whoever was told the address may end it.
/// And what service managers and containers send.
#[cfg(unix)]
fn asked_to_end() -> Result<impl Future<Output = ()>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};

    let hear = |kind| signal(kind).map_err(|error| Failure::outside(&error));
    let mut interrupted = hear(SignalKind::interrupt())?;
    let mut terminated = hear(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    })
}

/// Hears Ctrl-C from the call on, not from the first poll: whoever was told the address may end it.
#[cfg(windows)]
fn asked_to_end() -> Result<impl Future<Output = ()>, Failure> {
    let interrupted = tokio::signal::windows::ctrl_c();
    let mut interrupted = interrupted.map_err(|error| Failure::outside(&error))?;
    Ok(async move {
        let _ = interrupted.recv().await;
    })
}

/// One line on standard output, or several; in one piece, for a reader may leave after the first.
pub(crate) fn print(text: std::fmt::Arguments<'_>) -> Result<(), Failure> {
    io::stdout().lock().write_all(format!("{text}\n").as_bytes()).map_err(|error| {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::NobodyListens,
            _ => Failure::outside(&error),
        }
    })
}
