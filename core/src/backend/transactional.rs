//! Bumps inside of the application's own transactions, for a backend in the same database.

use std::fmt::Debug;

use crate::error::Result;
use crate::lease::BoxFuture;

/// Moves registers inside of a transaction that is not the backend's: whoever sees the transaction
/// sees the registers moved, and nobody before.
///
/// A backend writes the SQL, and whoever owns the transaction runs it: no driver is known here.
///
/// # Contract
///
/// * A [script](Self::script) is one SQL text without parameters, of any number of statements. Run
///   to its end inside of a transaction, it moves all of its registers when that commits, and none if
///   it does not.
/// * It holds up no other transaction, and fails none: neither those that run such a script, nor
///   those that read or bump the same registers.
/// * After an error of the script, [`undo`](Self::undo) makes the transaction what it was before.
/// * What it does to registers is acknowledged with the COMMIT: nothing is lost that the transaction
///   itself does not lose.
pub trait Transactional: Debug + Send + Sync + 'static {
    /// Which SQL it writes: `postgres`, `mysql` or `sqlite`.
    fn dialect(&self) -> &'static str;

    /// Prepares a question to another connection: a SELECT that returns a row if the registers
    /// that the connection reaches are those of the backend, and it may write to them.
    ///
    /// It answers for a short while only. No script is written before the first question.
    ///
    /// # Errors
    ///
    /// The backend could not be asked.
    fn question(&self) -> BoxFuture<'_, Result<String>>;

    /// SQL that moves `registers`; `None` where the backend cannot say yet how its tables are called.
    fn script(&self, registers: &[&str]) -> Option<String>;

    /// SQL that takes back a script that failed. An error where the transaction is over, or was lost
    /// before the script.
    fn undo(&self) -> &'static str;
}
