//! What rows were mapped to in this process.

use std::any::{Any, TypeId};
use std::sync::{Mutex, OnceLock, PoisonError};

use dogpile::Shared;

/// The values that the rows of one entry were mapped to, one for each way of mapping.
#[derive(Default)]
pub(crate) struct Views {
    /// Most queries are mapped in one way only, and it is read without a lock.
    first: OnceLock<View>,
    others: Mutex<Vec<View>>,
}

struct View {
    mapper: TypeId,
    value: Box<dyn Any + Send + Sync>,
}

impl Views {
    /// How many are kept beside the first; more ways of mapping one query are read again each time.
    const OTHERS: usize = 3;

    /// What `mapper` made of the rows before.
    pub(crate) fn get<T: Send + Sync + 'static>(&self, mapper: TypeId) -> Option<Shared<T>> {
        let first = self.first.get()?;
        if first.mapper == mapper {
            return first.value.downcast_ref().cloned();
        }
        let others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        let found = others.iter().find(|view| view.mapper == mapper)?;
        found.value.downcast_ref().cloned()
    }

    /// Keeps what `mapper` made of the rows.
    pub(crate) fn keep<T: Send + Sync + 'static>(&self, mapper: TypeId, value: Shared<T>) {
        let Err(view) = self.first.set(View { mapper, value: Box::new(value) }) else { return };
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        let known = self.first.get().is_some_and(|first| first.mapper == mapper)
            || others.iter().any(|other| other.mapper == mapper);
        if !known && others.len() < Self::OTHERS {
            others.push(view);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::any::TypeId;

    use dogpile::Shared;

    use super::Views;

    #[test]
    fn each_way_of_mapping_gets_its_own_value() {
        let views = Views::default();
        let (a, b) = (TypeId::of::<u8>(), TypeId::of::<u16>());
        assert!(views.get::<u32>(a).is_none());
        views.keep(a, Shared::from(1_u32));
        views.keep(b, Shared::from(2_u32));
        views.keep(a, Shared::from(3_u32));
        assert_eq!(
            (views.get(a), views.get(b)),
            (Some(Shared::from(1_u32)), Some(Shared::from(2_u32)))
        );
        assert!(views.get::<u64>(a).is_none(), "another type under the same mapper");
        assert!(views.get::<u32>(TypeId::of::<()>()).is_none());
    }

    #[test]
    fn only_so_many_are_kept() {
        let views = Views::default();
        let mappers = [
            TypeId::of::<u8>(),
            TypeId::of::<u16>(),
            TypeId::of::<u32>(),
            TypeId::of::<u64>(),
            TypeId::of::<i8>(),
        ];
        for mapper in mappers {
            views.keep(mapper, Shared::from(0_u8));
        }
        let kept = mappers.iter().filter(|mapper| views.get::<u8>(**mapper).is_some()).count();
        assert_eq!(kept, 4);
    }
}
