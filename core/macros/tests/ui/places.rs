use dogpile_macros::CachedEntity;

/// What the derive writes paths into.
mod dogpile_sea_orm {
    pub struct Rule;

    impl Rule {
        pub fn allow() -> Self {
            Self
        }
    }

    pub trait CachedEntity {
        fn rule() -> Rule;
    }
}

#[derive(CachedEntity)]
enum Relation {}

#[derive(CachedEntity)]
struct Generic<T>(T);

mod without_an_entity {
    use dogpile_macros::CachedEntity;

    #[derive(CachedEntity)]
    #[cached_entity(crate = crate::dogpile_sea_orm)]
    pub struct Model {
        pub id: i32,
    }
}

fn main() {}
