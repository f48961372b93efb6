//! The entities of the tables, which are all alike.

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveModelBehavior, IntoActiveModel};

use crate::differential::client::Triple;

/// An entity of one of the tables.
pub(super) trait Table:
    EntityTrait<
        Model: Into<Triple> + IntoActiveModel<Self::ActiveModel> + Clone + Send + Sync + Unpin,
        ActiveModel: ActiveModelBehavior + Send,
        PrimaryKey: PrimaryKeyTrait<ValueType = i64>,
    >
{
    const ID: Self::Column;
    const VERSION: Self::Column;
    const NAME: Self::Column;

    /// A row whose values are all set.
    fn model(id: i64, version: i64, name: Option<String>) -> Self::ActiveModel;
}

macro_rules! table {
    ($module:ident, $name:tt) => {
        pub(super) mod $module {
            use sea_orm::Set;
            use sea_orm::entity::prelude::*;

            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
            #[sea_orm(table_name = $name)]
            pub(crate) struct Model {
                #[sea_orm(primary_key, auto_increment = false)]
                pub(crate) id: i64,
                pub(crate) version: i64,
                pub(crate) name: Option<String>,
            }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub(crate) enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}

            impl From<Model> for super::Triple {
                fn from(row: Model) -> Self {
                    (row.id, row.version, row.name)
                }
            }

            impl super::Table for Entity {
                const ID: Column = Column::Id;
                const VERSION: Column = Column::Version;
                const NAME: Column = Column::Name;

                fn model(id: i64, version: i64, name: Option<String>) -> ActiveModel {
                    ActiveModel { id: Set(id), version: Set(version), name: Set(name) }
                }
            }
        }
    };
}

table!(cake, "cake");
table!(fruit, "fruit");
table!(spice, "spice");
table!(herb, "herb");

/// Does something with the entity of a table.
macro_rules! of_table {
    ($table:expr, $entity:ident => $do:expr) => {
        match $table {
            0 => {
                type $entity = $crate::differential::entities::tables::cake::Entity;
                $do
            }
            1 => {
                type $entity = $crate::differential::entities::tables::fruit::Entity;
                $do
            }
            2 => {
                type $entity = $crate::differential::entities::tables::spice::Entity;
                $do
            }
            _ => {
                type $entity = $crate::differential::entities::tables::herb::Entity;
                $do
            }
        }
    };
}

pub(super) use of_table;
