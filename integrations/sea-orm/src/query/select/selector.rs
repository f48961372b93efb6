//! Selects of partial models, of tuples, of JSON and of raw SQL.

use sea_orm::{Selector, SelectorRaw, SelectorTrait};

use super::paged::own_pages;
use super::{Select, SelectOne, SelectPaged, SelectStream, own_methods};

macro_rules! select {
    ($select:ident) => {
        impl<S> Select for $select<S>
        where
            S: SelectorTrait<Item: Send + Sync + Unpin + 'static> + Send + Sync + 'static,
        {
            type Item = S::Item;

            own_methods!();
        }

        impl<S> SelectOne for $select<S> where
            S: SelectorTrait<Item: Send + Sync + Unpin + 'static> + Send + Sync + 'static
        {
        }

        impl<S> SelectStream for $select<S> where
            S: SelectorTrait<Item: Send + Sync + Unpin + 'static> + Send + Sync + 'static
        {
        }

        impl<S> SelectPaged for $select<S>
        where
            S: SelectorTrait<Item: Send + Sync + Unpin + 'static> + Clone + Send + Sync + 'static,
        {
            own_pages!();
        }
    };
}

select!(Selector);
select!(SelectorRaw);
