//! Selects of entities, each row with a model of each.

use sea_orm::{EntityTrait, Topology};

use super::paged::own_pages;
use super::{Select, SelectOne, SelectPaged, SelectStream, own_methods};

/// A select of several entities, `$topology` being how those of three and more are joined.
macro_rules! select {
    ($select:ident, [$($entity:ident)+], [$($topology:ident)?], $item:ty) => {
        impl<$($entity,)+ $($topology)?> Select for sea_orm::$select<$($entity,)+ $($topology)?>
        where
            $($entity: EntityTrait<Model: Send + Sync + Unpin + 'static>,)+
            $($topology: Topology + Send + 'static,)?
        {
            type Item = $item;

            own_methods!();
        }

        impl<$($entity,)+ $($topology)?> SelectOne for sea_orm::$select<$($entity,)+ $($topology)?>
        where
            $($entity: EntityTrait<Model: Send + Sync + Unpin + 'static>,)+
            $($topology: Topology + Send + 'static,)?
        {
        }

        impl<$($entity,)+ $($topology)?> SelectStream
            for sea_orm::$select<$($entity,)+ $($topology)?>
        where
            $($entity: EntityTrait<Model: Send + Sync + Unpin + 'static>,)+
            $($topology: Topology + Send + 'static,)?
        {
        }
    };
}

/// A select that sea-orm can cut into pages.
macro_rules! paged {
    ($select:ident, [$($entity:ident)+], [$($topology:ident)?]) => {
        impl<$($entity,)+ $($topology)?> SelectPaged for sea_orm::$select<$($entity,)+ $($topology)?>
        where
            $($entity: EntityTrait<Model: Send + Sync + Unpin + 'static>,)+
            $($topology: Topology + Clone + Send + Sync + 'static,)?
        {
            own_pages!();
        }
    };
}

type Maybe<E> = Option<<E as EntityTrait>::Model>;

select!(Select, [E], [], E::Model);
select!(SelectTwo, [E F], [], (E::Model, Maybe<F>));
select!(SelectTwoRequired, [E F], [], (E::Model, F::Model));
select!(SelectThree, [E F G], [T], (E::Model, Maybe<F>, Maybe<G>));
select!(SelectFour, [E F G H], [T], (E::Model, Maybe<F>, Maybe<G>, Maybe<H>));
select!(SelectFive, [E F G H I], [T], (E::Model, Maybe<F>, Maybe<G>, Maybe<H>, Maybe<I>));
select!(
    SelectSix,
    [E F G H I J],
    [T],
    (E::Model, Maybe<F>, Maybe<G>, Maybe<H>, Maybe<I>, Maybe<J>)
);

paged!(Select, [E], []);
paged!(SelectTwo, [E F], []);
paged!(SelectThree, [E F G], [T]);
paged!(SelectFour, [E F G H], [T]);
