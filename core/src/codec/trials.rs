//! Which types survive which codec: tried once, known from then on.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use super::{Codec, CodecError, Problem, Wire};

/// The verdicts of one region. As many as it has types, each a few bytes.
#[derive(Debug, Default)]
pub(crate) struct Trials {
    verdicts: RwLock<HashMap<(TypeId, Codec), Verdict>>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Verdict {
    /// `None`: no value has been tried yet.
    survives: Option<bool>,
    /// Whether an error of this type was already handed out.
    told: bool,
}

/// A value that is not to be stored.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The first of this type with this codec: worth a line in the log.
    First(CodecError),
    /// Not the first.
    Again,
}

impl Trials {
    /// The value's bytes, if it would come back from them.
    ///
    /// The first value of a type decides about the type: if it does not survive, no value of the
    /// type is encoded again. A value that only this codec would spoil, such as NaN in JSON, is
    /// refused alone.
    ///
    /// # Errors
    ///
    /// The value or its type does not survive the codec.
    pub(crate) fn encode<T: 'static>(
        &self,
        wire: Wire<T>,
        codec: Codec,
        value: &T,
    ) -> Result<Vec<u8>, Refused> {
        if self.verdict::<T>(codec).survives == Some(false) {
            return Err(Refused::Again);
        }
        let bytes = (wire.encode)(codec, value).map_err(|error| self.refuse::<T>(error))?;
        self.check(wire, codec, value, &bytes)?;
        Ok(bytes)
    }

    /// Tries the bytes, unless this type has been tried with this codec.
    ///
    /// # Errors
    ///
    /// The type does not survive the codec, as this value or an earlier one has shown.
    pub(crate) fn check<T: 'static>(
        &self,
        wire: Wire<T>,
        codec: Codec,
        value: &T,
        bytes: &[u8],
    ) -> Result<(), Refused> {
        match self.verdict::<T>(codec).survives {
            Some(true) => return Ok(()),
            Some(false) => return Err(Refused::Again),
            None => {}
        }
        (wire.trial)(codec, value, bytes).map_err(|error| self.refuse::<T>(error))?;
        self.change::<T, _>(codec, |verdict| {
            verdict.survives.get_or_insert(true);
        });
        Ok(())
    }

    fn verdict<T: 'static>(&self, codec: Codec) -> Verdict {
        let verdicts = self.verdicts.read().unwrap_or_else(PoisonError::into_inner);
        verdicts.get(&(TypeId::of::<T>(), codec)).copied().unwrap_or_default()
    }

    fn refuse<T: 'static>(&self, error: CodecError) -> Refused {
        let of_the_value = matches!(error.problem, Problem::Hazard { .. });
        let told = self.change::<T, _>(error.codec, |verdict| {
            if !of_the_value {
                verdict.survives.get_or_insert(false);
            }
            std::mem::replace(&mut verdict.told, true)
        });
        if told { Refused::Again } else { Refused::First(error) }
    }

    fn change<T: 'static, R>(&self, codec: Codec, change: impl FnOnce(&mut Verdict) -> R) -> R {
        let mut verdicts = self.verdicts.write().unwrap_or_else(PoisonError::into_inner);
        change(verdicts.entry((TypeId::of::<T>(), codec)).or_default())
    }
}
