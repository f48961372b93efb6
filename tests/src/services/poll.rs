//! Waits for what another process does.

use std::thread;
use std::time::Duration;

/// The pause between two looks.
const STEP: Duration = Duration::from_millis(10);

/// Looks until there is something to return, as often as looks fit into `limit`.
///
/// Looks are counted, not timed: tests may have paused the clock.
pub(super) fn poll<T>(limit: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    for _ in 0..limit.as_millis() / STEP.as_millis() {
        if let Some(found) = look() {
            return Some(found);
        }
        thread::sleep(STEP);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_thing_found_is_returned_and_nothing_is_looked_at_after_it() {
        let mut looks = 0;
        let found = poll(Duration::from_secs(1), || {
            looks += 1;
            (looks == 3).then_some("found")
        });
        assert_eq!((found, looks), (Some("found"), 3));
    }

    #[test]
    fn a_vain_look_ends() {
        let mut looks = 0;
        let found = poll(STEP * 4, || {
            looks += 1;
            None::<()>
        });
        assert_eq!((found, looks), (None, 4));
    }
}
