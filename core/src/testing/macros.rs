//! One test a case.

/// Makes a module of tests, one for each case of the suite, for the backend that a closure makes.
///
/// `conformance!(name, async || backend)`, and `not_applicable = [case, ..]` after that. The closure
/// is called once for each case and returns a [`Backend`](crate::backend::Backend) or a
/// [`Subject`](crate::testing::Subject). See the [module](crate::testing).
#[doc(hidden)]
#[macro_export]
macro_rules! __dogpile_conformance {
    ($name:ident, $make:expr $(, not_applicable = [$($case:ident),* $(,)?])? $(,)?) => {
        async fn $name() -> $crate::testing::Subject {
            $crate::testing::Subject::from(($make)().await)
        }

        mod $name {
            $crate::__dogpile_each_case! {
                __dogpile_tests (super::$name) ([$($(stringify!($case)),*)?])
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __dogpile_tests {
    ([$($case:ident)*] ($make:expr) $not_applicable:tt) => {$(
        #[test]
        fn $case() {
            $crate::testing::run_as_test(stringify!($case), $make, &$not_applicable);
        }
    )*};
}

/// The list of all cases, handed to another macro.
#[doc(hidden)]
#[macro_export]
macro_rules! __dogpile_each_case {
    ($then:ident $($arguments:tt)*) => {
        $crate::$then! { [
            it_says_what_it_is
            a_restart_changes_the_incarnation
            entries_registers_and_leases_do_not_touch
            what_is_stored_is_found
            nothing_is_kept
            answers_have_the_order_and_length_of_what_was_asked
            empty_calls_do_nothing
            what_is_not_there_is_no_error
            a_register_is_created_once
            concurrent_creators_see_one_version
            a_bump_always_writes
            an_overwritten_version_never_comes_back
            a_read_after_a_bump_sees_it_or_nothing
            lost_registers_come_back_as_others
            an_ended_register_is_not_revived
            a_register_lives_for_its_life
            an_extended_register_outlives_others
            entries_come_back_byte_for_byte
            the_largest_entry_fits_and_no_larger_one_is_cut
            entries_end_after_their_life
            an_entry_has_the_life_of_its_last_store
            the_shortest_and_longest_lives_are_taken
            removing_is_idempotent
            the_longest_names_are_told_apart
            similar_names_are_told_apart
            names_may_hold_any_character
            a_lease_has_one_holder
            only_its_owner_renews_or_releases_a_lease
            a_lease_ends_by_itself
            an_abandoned_lease_is_free_again
            leases_of_two_names_are_held_at_once
            a_store_under_a_lost_lease_is_refused
            a_late_store_never_overwrites_its_successor
            a_tainted_register_shows_no_version
            a_taint_lasts_until_its_last_writer_lifts
            a_lift_says_whether_its_writer_was_there
            only_its_writer_renews_a_taint
            a_taint_ends_by_itself
            writers_that_taint_at_once_all_stay
            a_dropped_call_leaves_the_backend_working
            many_tasks_at_once_do_not_meet
        ] $($arguments)* }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __dogpile_list_cases {
    ([$($case:ident)*]) => {
        /// All cases, in the order in which they are reported.
        pub(super) const ALL: &[Case] =
            &[$(Case { name: stringify!($case), run: |subject| Box::pin($case(subject)) }),*];
    };
}
