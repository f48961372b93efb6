//! The conformance suite over what the core brings.

use dogpile::backend::layer::{Chaos, Logging};
use dogpile::backend::{BackendExt, Layer, MemoryBackend, NullBackend};
use dogpile::megabytes;
use dogpile::testing::{Subject, conformance};

use crate::support::subject;

fn layered<L: Layer + Clone>(layer: &L) -> Subject {
    subject(|memory| memory.layer(layer.clone()))
}

conformance!(memory, async || subject(|memory| memory), not_applicable = [nothing_is_kept]);

// Without hooks, as it runs over a server: lives are short and real.
conformance!(
    memory_in_real_time,
    async || MemoryBackend::builder().capacity(megabytes(1)).build(),
    not_applicable = [
        a_register_lives_for_its_life,
        a_restart_changes_the_incarnation,
        lost_registers_come_back_as_others,
        nothing_is_kept,
    ]
);

conformance!(
    null,
    async || NullBackend,
    not_applicable = [
        a_bump_always_writes,
        a_late_store_never_overwrites_its_successor,
        a_lift_says_whether_its_writer_was_there,
        a_taint_ends_by_itself,
        a_taint_lasts_until_its_last_writer_lifts,
        a_tainted_register_shows_no_version,
        only_its_writer_renews_a_taint,
        writers_that_taint_at_once_all_stay,
        a_lease_ends_by_itself,
        a_lease_has_one_holder,
        a_read_after_a_bump_sees_it_or_nothing,
        a_register_is_created_once,
        a_register_lives_for_its_life,
        a_restart_changes_the_incarnation,
        a_store_under_a_lost_lease_is_refused,
        an_abandoned_lease_is_free_again,
        an_ended_register_is_not_revived,
        an_entry_has_the_life_of_its_last_store,
        an_extended_register_outlives_others,
        an_overwritten_version_never_comes_back,
        concurrent_creators_see_one_version,
        entries_come_back_byte_for_byte,
        entries_end_after_their_life,
        entries_registers_and_leases_do_not_touch,
        leases_of_two_names_are_held_at_once,
        lost_registers_come_back_as_others,
        only_its_owner_renews_or_releases_a_lease,
        the_largest_entry_fits_and_no_larger_one_is_cut,
        what_is_stored_is_found,
    ]
);

conformance!(
    behind_a_pointer,
    async || subject(|memory| memory.shared()),
    not_applicable = [nothing_is_kept]
);

conformance!(logging, async || layered(&Logging::new()), not_applicable = [nothing_is_kept]);

#[cfg(feature = "metrics")]
conformance!(
    metrics,
    async || layered(&dogpile::backend::layer::Metrics::new()),
    not_applicable = [nothing_is_kept]
);

#[cfg(feature = "zstd")]
conformance!(
    compress,
    async || layered(&dogpile::backend::layer::Compress::new()),
    not_applicable = [nothing_is_kept]
);

#[cfg(feature = "encrypt")]
conformance!(
    encrypt,
    async || {
        let keys = dogpile::backend::layer::Keys::new(1, [7; 32]);
        layered(&dogpile::backend::layer::Encrypt::new(keys))
    },
    not_applicable = [nothing_is_kept]
);

conformance!(
    chaos_at_rest,
    async || layered(&Chaos::seeded(7)),
    not_applicable = [nothing_is_kept]
);

// Slow, and out of order, but not wrong.
conformance!(
    chaos_that_delays,
    async || layered(&Chaos::seeded(7).delay(0.05, dogpile::millis(2))),
    not_applicable = [nothing_is_kept]
);

#[cfg(all(feature = "zstd", feature = "encrypt"))]
conformance!(
    all_layers,
    async || {
        use dogpile::backend::layer::{Compress, Encrypt, Keys};
        let keys = Keys::new(1, [7; 32]);
        subject(move |memory| {
            memory
                .layer(Chaos::seeded(7))
                .layer(Encrypt::new(keys.clone()))
                .layer(Compress::new())
                .layer(Logging::new())
        })
    },
    not_applicable = [nothing_is_kept]
);
