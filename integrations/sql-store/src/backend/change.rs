//! Changing registers, each atomically: compare and swap.
//!
//! A round reads all registers that are not done in one statement, decides, and writes each on the
//! condition that it is still what that was decided from. Somebody's write went through wherever
//! another one came too late, so rounds come to an end; they are bounded all the same. Registers are
//! written one by one: two calls that hold one and want the other's would wait in a circle.

use std::collections::{BTreeMap, BTreeSet};

use dogpile::backend::TagVersion;

use super::Inner;
use super::again::steadily;
use super::register::{Register, Row};
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
pub(crate) async fn change<R>(store: &Inner, names: &[&str], rule: R) -> Done<Vec<R::Said>>
where
    R: Rule + Sync,
    R::Said: Send,
{
    let mut changes = Changes { store, names, rule, said: BTreeMap::new(), lost: BTreeMap::new() };
    for _ in 0..ROUNDS {
        if changes.said.len() == names.len() {
            return Ok(changes.said.into_values().collect());
        }
        changes.round().await?;
    }
    Err(Failure::contended())
}

/// What has become of the registers of one call.
struct Changes<'a, R: Rule> {
    store: &'a Inner,
    names: &'a [&'a str],
    rule: R,
    /// Of those that are done.
    said: BTreeMap<usize, R::Said>,
    /// What was written, or was not: the connection failed. And what is said if it was.
    lost: BTreeMap<usize, Option<(Row, R::Said)>>,
}

impl<R> Changes<'_, R>
where
    R: Rule + Sync,
    R::Said: Send,
{
    /// Looks at all that are not done, and writes them.
    async fn round(&mut self) -> Done<()> {
        let open: BTreeSet<usize> =
            (0..self.names.len()).filter(|place| !self.said.contains_key(place)).collect();
        let asked: Vec<&str> = open.iter().map(|place| self.names[*place]).collect();
        let looked = self.store.again(|| self.store.dialect.look(&asked)).await?;
        if looked.rows.len() != open.len() {
            return Err(Failure::unexpected());
        }
        for (place, row) in open.into_iter().zip(looked.rows) {
            if let Some((_, said)) = self
                .lost
                .get_mut(&place)
                .and_then(|lost| lost.take_if(|(written, _)| row.as_ref() == Some(written)))
            {
                self.said.insert(place, said);
                continue;
            }
            self.change(place, row, looked.now).await?;
        }
        Ok(())
    }

    /// Decides about one, and does it.
    async fn change(&mut self, place: usize, row: Option<Row>, now: i64) -> Done<()> {
        // What has ended counts as nothing, and so does what was written by none of us.
        let held = row.as_ref().and_then(|row| Register::parse(row, now));
        let from = row.filter(|_| held.is_some());
        let step = match held {
            None => self.rule.absent(place, now),
            Some(held) => self.rule.held(place, held, now)?,
        };
        match step {
            Step::Done(said) => drop(self.said.insert(place, said)),
            Step::Write(register, said) => self.write(place, from, register, said).await?,
        }
        Ok(())
    }

    /// Writes one, unless somebody else was there first.
    async fn write(
        &mut self,
        place: usize,
        from: Option<Row>,
        register: Register,
        said: R::Said,
    ) -> Done<()> {
        let is_second = self.lost.contains_key(&place);
        let register = if is_second { register.moved(TagVersion::random()) } else { register };
        let (dialect, name, to) = (&self.store.dialect, self.names[place], register.row());
        match steadily(|| dialect.swap(name, from.as_ref(), &to)).await {
            Ok(true) => drop(self.said.insert(place, said)),
            Ok(false) => {}
            Err(failure) if failure.is_lost() && !is_second => {
                dialect.drop_idle();
                self.lost.insert(place, Some((to, said)));
            }
            Err(failure) => return Err(failure),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
