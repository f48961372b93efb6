//! Selects whose rows are put together: each model with all that belong to it.

use sea_orm::{
    ConnectionTrait, EntityTrait, SelectFourMany, SelectThreeMany, SelectTwoMany, TopologyChain,
    TopologyStar,
};

use super::{All, Select};

type Many<E> = Vec<<E as EntityTrait>::Model>;

macro_rules! select {
    ($select:ty, [$($entity:ident)+], $item:ty) => {
        impl<$($entity),+> Select for $select
        where
            $($entity: EntityTrait<Model: Send + Sync + Unpin + 'static>,)+
        {
            type Item = $item;

            fn all_on<'a, C: ConnectionTrait>(self, db: &'a C) -> All<'a, Self::Item> {
                Box::pin(self.all(db))
            }
        }
    };
}

select!(SelectTwoMany<E, F>, [E F], (E::Model, Many<F>));
select!(SelectThreeMany<E, F, G, TopologyStar>, [E F G], (E::Model, Many<F>, Many<G>));
select!(SelectThreeMany<E, F, G, TopologyChain>, [E F G], (E::Model, Vec<(F::Model, Many<G>)>));
select!(
    SelectFourMany<E, F, G, H, TopologyStar>,
    [E F G H],
    (E::Model, Many<F>, Many<G>, Many<H>)
);
