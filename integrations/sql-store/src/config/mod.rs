//! Where the tables are, and how they are talked to.

mod builder;
mod leases;
mod source;
mod tables;
mod url;

use dogpile::config::Schemes;

pub use builder::SqlStoreBuilder;
pub use leases::LockKind;
pub(crate) use source::{Settings, Source};
pub(crate) use tables::Tables;

use crate::SqlStore;

/// Makes `schemes` connect every [URL](crate#urls) of this crate, those of the databases whose features
/// are enabled.
///
/// A server that is down is no error: the store connects when it is asked.
///
/// ```
/// use dogpile::config::Schemes;
///
/// let schemes = dogpile_sql_store::register(Schemes::new());
/// assert_eq!(schemes.names().any(|name| name == "postgres"), cfg!(feature = "postgres"));
/// ```
#[must_use]
pub fn register(schemes: Schemes) -> Schemes {
    url::SCHEMES.iter().fold(schemes, |schemes, scheme| {
        schemes.register(scheme, |url| {
            let opened = SqlStoreBuilder::from_url(url).and_then(SqlStoreBuilder::open);
            Box::pin(async move {
                let store: SqlStore = opened?;
                // Connected at once where that is possible: the first lookup then finds it so.
                if let Err(error) = store.connected().await {
                    tracing::warn!(target: "dogpile", %error, "the backend is not there yet");
                }
                Ok(std::sync::Arc::new(store) as std::sync::Arc<dyn dogpile::Backend>)
            })
        })
    })
}
