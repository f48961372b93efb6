//! Listening, until the end.

use std::io::{self, Write};
use std::net::SocketAddr;

use axum::Router;
use dogpile::secs;
use tokio::net::TcpListener;
use tokio::signal;
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
    print(format_args!(
        "http://{address}/cache is what the cache does, live; Ctrl-C ends. What to try:\n  \
         curl -H x-tenant:acme 'http://{address}/products?search=tea'\n  \
         curl -H x-tenant:acme --json '{{\"customer\":7,\"product\":1,\"quantity\":2}}' \
         http://{address}/orders\n  \
         curl -H x-tenant:acme http://{address}/customers/7/orders"
    ))?;
    asked_to_end().await;
    Ok(())
}

async fn guided(address: SocketAddr) -> Result<(), Failure> {
    tokio::select! {
        shown = tour::of(address) => shown,
        () = asked_to_end() => Err(Failure::Interrupted),
    }
}

/// Ctrl-C; and what service managers and containers send.
async fn asked_to_end() {
    #[cfg(unix)]
    if let Ok(mut terminated) = signal::unix::signal(signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = terminated.recv() => {}
            _ = signal::ctrl_c() => {}
        }
        return;
    }
    let _ = signal::ctrl_c().await;
}

/// One line on standard output, or several.
pub(crate) fn print(text: std::fmt::Arguments<'_>) -> Result<(), Failure> {
    writeln!(io::stdout(), "{text}").map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::NobodyListens,
        _ => Failure::outside(&error),
    })
}
