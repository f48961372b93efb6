//! Subscribing, and subscribing again.

use std::sync::Arc;
use std::time::Duration;

use dogpile::backend::{Listener, Listening};
use redis::aio::MultiplexedConnection;
use redis::{PushInfo, Value};
use tokio::runtime::Handle;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep, timeout};

use super::ear::Ear;
use super::message::number;
use crate::backend::Store;
use crate::error::{Done, Failure};

/// How often the server is asked whether all messages have come.
const BEAT: Duration = Duration::from_secs(1);
/// How long it may think about it: silence is noticed after the two together.
const PATIENCE: Duration = Duration::from_secs(2);
/// The first pause before another attempt, and the longest.
const PAUSES: [Duration; 2] = [Duration::from_millis(50), Duration::from_secs(5)];

/// Listens until it is dropped.
#[derive(Debug)]
pub(crate) struct Subscriber(AbortHandle);

impl Listening for Subscriber {}

impl Drop for Subscriber {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Subscriber {
    pub(crate) fn spawn(runtime: &Handle, store: Arc<Store>, listener: Arc<dyn Listener>) -> Self {
        Self(runtime.spawn(listen(store, listener)).abort_handle())
    }
}

async fn listen(store: Arc<Store>, listener: Arc<dyn Listener>) {
    let mut pause = PAUSES[0];
    loop {
        let began = Instant::now();
        if let Err(failure) = hear(&store, &listener).await {
            let error = failure.during("listen");
            tracing::debug!(target: "dogpile", %error, "invalidations are not heard of");
        }
        // Whatever went well for a while is tried again at once.
        pause = if began.elapsed() > PAUSES[1] { PAUSES[0] } else { (2 * pause).min(PAUSES[1]) };
        sleep(pause).await;
    }
}

/// Says that nothing comes any more, however hearing ends.
struct Ends(Arc<Ear>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.over();
    }
}

/// Hears until something goes wrong, and says what.
async fn hear(store: &Store, listener: &Arc<dyn Listener>) -> Done<()> {
    // The way that calls take: it follows slots that move, and knows which server this is.
    store.client.ask(store.beat()).await?;
    let incarnation = store.lineage.incarnation();
    let channel = store.keys.moved();
    let ear = Arc::new(Ear::new(Arc::clone(listener), channel.to_string()));
    let _ends = Ends(Arc::clone(&ear));
    let hears = {
        let ear = Arc::clone(&ear);
        move |push: PushInfo| ear.hears(&push)
    };
    let mut connection = store.client.subscriber(channel, PATIENCE, hears).await?;
    connection.subscribe(channel).await?;
    loop {
        let before = ear.last();
        ear.beat(beat(store, &mut connection).await?, before);
        if store.lineage.incarnation() != incarnation {
            return Err(Failure::new("calls go to another server by now"));
        }
        if timeout(BEAT, ear.ended()).await.is_ok() {
            return Err(Failure::new("the connection ended"));
        }
    }
}

/// The number of the last message; it has come before this answer.
async fn beat(store: &Store, connection: &mut MultiplexedConnection) -> Done<u64> {
    let command = store.beat().into_cmd();
    match connection.send_packed_command(&command).await? {
        Value::BulkString(digits) => number(&digits).ok_or_else(Failure::unexpected),
        // A replica says that it is one: the script writes.
        Value::ServerError(error) => Err(Failure::answered(&error)),
        _ => Err(Failure::unexpected()),
    }
}
