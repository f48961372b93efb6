//! Waiting in a seat.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use super::waiters::{Place, Until};
use super::{Progress, Seat};

/// A seat in which somebody waits for the lead or for the end of the flight.
pub(super) struct Waiting {
    /// Empty once the wait is over.
    seat: Option<Seat>,
    place: Option<Place>,
    limit: Duration,
    /// Set by the first poll, which is where the wait begins and whose runtime keeps the time.
    until: Option<Until>,
}

impl Waiting {
    pub(super) const fn new(seat: Seat, limit: Duration) -> Self {
        Self { seat: Some(seat), place: None, limit, until: None }
    }
}

impl Future for Waiting {
    type Output = Option<Progress>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Progress>> {
        let this = &mut *self;
        let Some(seat) = this.seat.take() else { return Poll::Pending };
        let until = *this.until.get_or_insert_with(|| Until::after(this.limit));
        let look = seat.flight.look_or_wait(&mut this.place, until, context.waker());
        match seat.after(look) {
            Ok(progress) => Poll::Ready(Some(progress)),
            Err(_) if this.place.is_none() => Poll::Ready(None),
            Err(seat) => {
                this.seat = Some(seat);
                Poll::Pending
            }
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let (Some(seat), Some(place)) = (&self.seat, self.place) {
            seat.flight.stop_waiting(place);
        }
    }
}
