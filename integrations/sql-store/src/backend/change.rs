//! Changing registers, each atomically: compare and swap.
//!
//! A round reads all registers that are not done in one statement, decides, and writes each on the
//! condition that it is still what that was decided from. Somebody's write went through wherever
//! another one came too late, so rounds come to an end; they are bounded all the same. Registers are
//! written one by one: two calls that hold one and want the other's would wait in a circle.

use std::collections::BTreeMap;

use super::dialect::Dialect;
use super::register::{Register, Row};
use super::steadily;
use crate::error::{Done, Failure};

/// More rounds than there are writers who could get in between.
const ROUNDS: u32 = 256;

/// What is to be done about a register, seen what it is.
pub(crate) enum Step<T> {
    /// Nothing.
    Done(T),
    /// To be written, and what is to be said when it is.
    Write(Register, T),
}

/// What one call does to each of its registers, decided at `now` by the server's clock.
pub(crate) trait Rule {
    /// What is said of each.
    type Said;

    /// What to do about the register in this place, where there is none.
    fn absent(&self, place: usize, now: i64) -> Step<Self::Said>;

    /// What to do about it where it is this.
    fn held(&self, place: usize, held: Register, now: i64) -> Done<Step<Self::Said>>;
}

/// Changes the registers of these names, each of which is there once; what is said of each.
pub(crate) async fn change<R>(dialect: &dyn Dialect, names: &[&str], rule: R) -> Done<Vec<R::Said>>
where
    R: Rule + Sync,
    R::Said: Send,
{
    let mut said = BTreeMap::new();
    for _ in 0..ROUNDS {
        let open: Vec<usize> = (0..names.len()).filter(|place| !said.contains_key(place)).collect();
        if open.is_empty() {
            return Ok(said.into_values().collect());
        }
        let asked: Vec<&str> = open.iter().map(|place| names[*place]).collect();
        let looked = steadily(|| dialect.look(&asked)).await?;
        if looked.rows.len() != open.len() {
            return Err(Failure::unexpected());
        }
        for (place, row) in open.into_iter().zip(looked.rows) {
            // What has ended counts as nothing, and so does what was written by none of us.
            let held = row.as_ref().and_then(|row| Register::parse(row, looked.now));
            let from = row.filter(|_| held.is_some());
            let step = match held {
                None => rule.absent(place, looked.now),
                Some(held) => rule.held(place, held, looked.now)?,
            };
            if let Some(done) = write(dialect, names[place], from, step).await? {
                said.insert(place, done);
            }
        }
    }
    Err(Failure::contended())
}

/// Does the step; `None` if somebody else was there first.
async fn write<T>(
    dialect: &dyn Dialect,
    name: &str,
    from: Option<Row>,
    step: Step<T>,
) -> Done<Option<T>> {
    match step {
        Step::Done(said) => Ok(Some(said)),
        Step::Write(register, said) => {
            let to = register.row();
            let swapped = steadily(|| dialect.swap(name, from.as_ref(), &to)).await?;
            Ok(swapped.then_some(said))
        }
    }
}
