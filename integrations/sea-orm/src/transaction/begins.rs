//! sea-orm's ways to begin a transaction, on a connection and inside of a transaction.

use std::fmt::{Debug, Display};

use sea_orm::{
    AccessMode, DbErr, IsolationLevel, TransactionError, TransactionOptions, TransactionTrait,
};

use super::CachedTransaction;
use super::run::{Called, run, run_async};
use crate::connection::CachedConnection;

/// Gives `$on` all of them. It begins by its own `begin_level`, and what it begins is called `$what`.
macro_rules! begins {
    ($on:ty, $what:literal) => {
        #[async_trait::async_trait]
        impl TransactionTrait for $on {
            type Transaction = CachedTransaction;

            async fn begin(&self) -> Result<Self::Transaction, DbErr> {
                self.begin_level(TransactionOptions::default()).await
            }

            async fn begin_with_config(
                &self,
                isolation_level: Option<IsolationLevel>,
                access_mode: Option<AccessMode>,
            ) -> Result<Self::Transaction, DbErr> {
                let options = TransactionOptions {
                    isolation_level,
                    access_mode,
                    ..Default::default()
                };
                self.begin_level(options).await
            }

            async fn begin_with_options(
                &self,
                options: TransactionOptions,
            ) -> Result<Self::Transaction, DbErr> {
                self.begin_level(options).await
            }

            async fn transaction<F, T, E>(
                &self,
                callback: F,
            ) -> Result<T, TransactionError<E>>
            where
                F: for<'c> FnOnce(&'c Self::Transaction) -> Called<'c, T, E>
                    + Send,
                T: Send,
                E: Display + Debug + Send,
            {
                run(self.begin().await, callback).await
            }

            async fn transaction_with_config<F, T, E>(
                &self,
                callback: F,
                isolation_level: Option<IsolationLevel>,
                access_mode: Option<AccessMode>,
            ) -> Result<T, TransactionError<E>>
            where
                F: for<'c> FnOnce(&'c Self::Transaction) -> Called<'c, T, E>
                    + Send,
                T: Send,
                E: Display + Debug + Send,
            {
                let begun = self.begin_with_config(isolation_level, access_mode).await;
                run(begun, callback).await
            }
        }

        impl $on {
            #[doc = concat!("Runs `callback` in a ", $what, ", which is committed if it returns `Ok` ")]
            /// and rolled back otherwise.
            ///
            /// # Errors
            ///
            #[doc = concat!("Those of `callback`, and of beginning and ending the ", $what, ".")]
            pub async fn transaction_async<F, T, E>(
                &self,
                callback: F,
            ) -> Result<T, TransactionError<E>>
            where
                F: for<'c> AsyncFnOnce(
                        &'c CachedTransaction,
                    ) -> Result<T, E>
                    + Send,
                T: Send,
                E: Display + Debug + Send,
            {
                let begun = TransactionTrait::begin(self).await;
                run_async(begun, callback).await
            }

            /// [`transaction_async`](Self::transaction_async) with an isolation level and an access
            /// mode.
            ///
            /// # Errors
            ///
            #[doc = concat!("Those of `callback`, and of beginning and ending the ", $what, ".")]
            pub async fn transaction_with_config_async<F, T, E>(
                &self,
                callback: F,
                isolation_level: Option<IsolationLevel>,
                access_mode: Option<AccessMode>,
            ) -> Result<T, TransactionError<E>>
            where
                F: for<'c> AsyncFnOnce(
                        &'c CachedTransaction,
                    ) -> Result<T, E>
                    + Send,
                T: Send,
                E: Display + Debug + Send,
            {
                let begun = TransactionTrait::begin_with_config(
                    self,
                    isolation_level,
                    access_mode,
                );
                run_async(begun.await, callback).await
            }
        }
    };
}

begins!(CachedConnection, "transaction");
begins!(CachedTransaction, "savepoint");
