//! The task that listens: connecting, beating, connecting again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use dogpile::Owner;
use sqlx::Executor;
use sqlx::pool::PoolOptions;
use sqlx::postgres::PgListener;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::Shared;
use super::board::Board;
use super::message::{Message, beat, read};
use crate::error::{Done, Failure};

/// How often a beat is sent.
const BEAT: Duration = Duration::from_secs(1);
/// How long ago the last one that came may have been sent.
const SILENCE: Duration = Duration::from_secs(3);
/// The first pause before another attempt, and the longest.
const PAUSES: [Duration; 2] = [Duration::from_millis(50), Duration::from_secs(5)];

/// Hears for as long as anybody wants to know.
pub(super) async fn hear(shared: Arc<Shared>) {
    let _deserts = Deserts(&shared.board);
    let mut pause = PAUSES[0];
    while !shared.board.ends() {
        let began = Instant::now();
        let Err(failure) = session(&shared).await else { continue };
        let error = failure.during("listen");
        tracing::debug!(target: "dogpile", %error, "what others do is not heard of");
        // Whatever went well for a while is tried again at once.
        pause = if began.elapsed() > PAUSES[1] { PAUSES[0] } else { (2 * pause).min(PAUSES[1]) };
        sleep(pause).await;
    }
}

/// Says that the task is gone, should its runtime end.
struct Deserts<'b>(&'b Board);

impl Drop for Deserts<'_> {
    fn drop(&mut self) {
        self.0.is_deserted();
    }
}

/// Says that something may not be told, however a session ends.
struct Loses<'b>(&'b Board);

impl Drop for Loses<'_> {
    fn drop(&mut self) {
        self.0.lost();
    }
}

/// One connection: hears until nobody wants to know any more, or until something goes wrong.
async fn session(shared: &Arc<Shared>) -> Done<()> {
    let slow = |_| Failure::new("the server took too long to begin");
    let channel = timeout(SILENCE, channel(shared)).await.map_err(slow)??;
    let mut listener =
        timeout(shared.connect_timeout.saturating_add(SILENCE), connect(shared, &channel))
            .await
            .map_err(slow)??;
    let _loses = Loses(&shared.board);
    let beats = Beats::begin(shared);
    // Until when the last beat that came keeps silence from being a loss.
    let mut until = beats.began + SILENCE;
    let mut begun = false;
    loop {
        let Ok(came) = timeout_at(until, listener.try_recv()).await else {
            return Err(silence(shared, !begun && beats.taken.load(Ordering::SeqCst)));
        };
        // Behind this nothing is left out only if it is begun anew.
        let came = came?.ok_or_else(|| Failure::new("the listening connection ended"))?;
        match read(came.payload()) {
            Some(Message::Beat(whose, number)) if whose == beats.whose => {
                until = until.max(beats.sent(number) + SILENCE);
                begun = true;
                shared.board.all_is_told();
            }
            Some(Message::Beat(..)) => {}
            Some(Message::Freed(lease)) => shared.board.given_back(&lease),
            Some(Message::Moved(names)) => names.for_each(|name| match name {
                Some(name) => shared.board.moved(&name),
                None => missed(&shared.board, begun),
            }),
            None => missed(&shared.board, begun),
        }
        if !shared.board.is_needed() {
            return Ok(());
        }
        // A flood may keep the limit from being looked at.
        if Instant::now() >= until {
            return Err(silence(shared, false));
        }
    }
}

/// Something was told that nobody here can read; what comes from now on is heard.
fn missed(board: &Board, begun: bool) {
    board.lost();
    if begun {
        board.all_is_told();
    }
}

/// Why nothing is heard; `never`: the server takes beats, and none ever came back.
fn silence(shared: &Shared, never: bool) -> Failure {
    if never {
        shared.warned.call_once(|| {
            tracing::warn!(
                target: "dogpile",
                "nothing is heard by the listening connection: behind a pooler in transaction mode \
                 there is no LISTEN, name the server itself"
            );
        });
    }
    Failure::new("nothing is heard by the listening connection")
}

/// What the channel is called, as calls see it.
async fn channel(shared: &Shared) -> Done<String> {
    let mut connection = shared.pool.acquire().await?;
    let name: Option<String> =
        sqlx::query_scalar(shared.name.clone()).fetch_one(&mut *connection).await?;
    name.ok_or_else(Failure::missing)
}

/// Connects, and listens from the moment at which this returns.
async fn connect(shared: &Shared, channel: &str) -> Done<PgListener> {
    let options = PoolOptions::new().max_connections(1).acquire_timeout(shared.connect_timeout);
    let options = options.idle_timeout(None).max_lifetime(None).test_before_acquire(false);
    let pool = options.connect_lazy_with(shared.options.clone());
    let mut listener = PgListener::connect_with(&pool).await?;
    // A connection that comes again by itself would hide what was not heard meanwhile.
    listener.eager_reconnect(false);
    listener.ignore_pool_close_event(true);
    // It does nothing but wait.
    listener.execute("SET idle_session_timeout = 0").await?;
    listener.listen(channel).await?;
    Ok(listener)
}

/// The beats of one session.
struct Beats {
    whose: u128,
    began: Instant,
    /// Whether the server took one.
    taken: Arc<AtomicBool>,
    task: AbortHandle,
}

impl Beats {
    fn begin(shared: &Arc<Shared>) -> Self {
        let (whose, began) = (Owner::random().0, Instant::now());
        let taken = Arc::new(AtomicBool::new(false));
        let beating = keep_beating(Arc::clone(shared), whose, began, Arc::clone(&taken));
        Self { whose, began, taken, task: tokio::spawn(beating).abort_handle() }
    }

    /// When a beat was sent: it may have been long on its way.
    fn sent(&self, number: u64) -> Instant {
        let now = Instant::now();
        self.began.checked_add(Duration::from_millis(number)).map_or(now, |sent| sent.min(now))
    }
}

impl Drop for Beats {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Sends beats, numbered by the milliseconds since `began`.
async fn keep_beating(shared: Arc<Shared>, whose: u128, began: Instant, taken: Arc<AtomicBool>) {
    loop {
        let number = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        // Where none can be sent, because no connection is free, say, silence tells.
        if let Ok(Ok(())) = timeout(SILENCE, send(&shared, beat(whose, number))).await {
            taken.store(true, Ordering::SeqCst);
        }
        sleep(BEAT).await;
    }
}

async fn send(shared: &Shared, beat: String) -> Done<()> {
    let mut connection = shared.pool.acquire().await?;
    sqlx::query(shared.beat.clone()).bind(beat).execute(&mut *connection).await?;
    Ok(())
}
