//! What a reader gets, in words that can be compared.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

use futures_util::FutureExt;

/// The value, the error or the panic, all of it.
pub(crate) async fn outcome<T>(
    work: impl Future<Output = sqlx::Result<T>>,
    print: impl FnOnce(&T) -> String,
) -> String {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(Ok(value)) => print(&value),
        Ok(Err(error)) => format!("Err({error:?})"),
        Err(panic) => panicked(&*panic),
    }
}

/// What a decoder makes of a cell.
pub(crate) fn caught(decode: impl FnOnce() -> String) -> String {
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|panic| panicked(&*panic))
}

fn panicked(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    format!("Panic({})", text.unwrap_or_default())
}

/// Keeps the panics of decoders, which are expected here, out of the log.
pub(crate) fn hush() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |info| {
            if !info.location().is_some_and(|at| at.file().contains("registry")) {
                before(info);
            }
        }));
    });
}
