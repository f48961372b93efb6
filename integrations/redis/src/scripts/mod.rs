//! What the server does in one step.
//!
//! Every script touches keys of one slot only, so that it runs on a cluster as well.

use std::sync::LazyLock;

use redis::Script;

macro_rules! scripts {
    ($($(#[$doc:meta])* $name:ident = $($file:literal)+;)*) => {
        $($(#[$doc])* pub(crate) static $name: LazyLock<Script> =
            LazyLock::new(|| Script::new(concat!($(include_str!($file)),+)));)*

        /// All of them, for a server that has not seen them yet.
        pub(crate) fn texts() -> impl Iterator<Item = &'static str> {
            [$(concat!($(include_str!($file)),+)),*].into_iter()
        }
    };
}

scripts! {
    /// `(register; version, life)`: the version that holds now, or nothing where it is tainted.
    CREATE = "register.lua" "create.lua";
    /// `(register; version, life)`.
    BUMP = "register.lua" "bump.lua";
    /// `(register; life)`.
    EXTEND = "register.lua" "extend.lua";
    /// `(register; version, writer, life, most writers)`: 0 where there is no room for the writer.
    PLACE = "register.lua" "place.lua";
    /// `(register; writer, life)`: whether the writer was among the writers.
    RENEW = "register.lua" "renew.lua";
    /// `(register; version, writer, life)`: whether the writer was among the writers.
    LIFT = "register.lua" "lift.lua";
    /// `(counter; life, channel, registers)`: tells everybody, with the next number.
    TELL = "counter.lua" "tell.lua";
    /// `(counter; life)`: the number of the last message.
    BEAT = "counter.lua" "beat.lua";
    /// `(entry, lease; owner, bytes, life)`: whether it was stored.
    STORE_HELD = "store_held.lua";
    /// `(guard; owner, life)`: the owner is about to store.
    GUARD = "guard.lua";
    /// `(entry, guard; owner, bytes, life)`: whether it was stored.
    STORE_GUARDED = "store_guarded.lua";
    /// `(lease; owner, life)`: whether it was held.
    LEASE_RENEW = "lease_renew.lua";
    /// `(lease; owner)`: whether it was held.
    LEASE_RELEASE = "lease_release.lua";
}
