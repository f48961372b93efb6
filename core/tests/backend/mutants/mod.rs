//! Backends that break one promise each: the case that is about it must say so.

mod calls;
mod defect;
mod entries;
mod leases;
mod names;
mod registers;
mod taints;

use std::sync::Arc;

use dogpile::backend::BackendExt;
use dogpile::backend::layer::Chaos;
use dogpile::testing::{Subject, Verdict, cases, run};

use calls::*;
use defect::{Defect, Mutant};
use entries::*;
use leases::*;
use names::*;
use registers::*;
use taints::*;

use crate::support::subject;

fn with(defect: impl Defect) -> Subject {
    let defect = Arc::new(defect);
    subject(|inner| Mutant { inner, defect: Arc::clone(&defect) })
}

fn layered(chaos: &Chaos) -> Subject {
    subject(|memory| memory.layer(chaos.clone()))
}

/// `name: backend, caught by: case;`
macro_rules! mutants {
    ($($name:ident: $subject:expr, $case:ident;)*) => {
        const CATCHING: &[&str] = &[$(stringify!($case)),*];

        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() {
                let verdict = run(stringify!($case), async || $subject).await;
                assert!(matches!(verdict, Some(Verdict::Failed(_))), "not caught: {verdict:?}");
            }
        )*
    };
}

mutants! {
    has_an_identity_for_each_call: with(ManyIdentities::default()), it_says_what_it_is;
    has_fences_without_leases: with(FencesAlone), it_says_what_it_is;
    does_not_notice_a_restart: with(SameIncarnation), a_restart_changes_the_incarnation;
    answers_backwards: with(Backwards), answers_have_the_order_and_length_of_what_was_asked;
    answers_twice_asked_once: with(AnswersOnce), answers_have_the_order_and_length_of_what_was_asked;
    creates_backwards: with(CreatesBackwards), answers_have_the_order_and_length_of_what_was_asked;
    fails_on_nothing: with(FailsOnNothing), empty_calls_do_nothing;
    cannot_remove_what_is_not_there: with(FailsOnAbsent), removing_is_idempotent;
    takes_absent_for_an_error: with(FailsOnAbsent), what_is_not_there_is_no_error;
    mixes_answers_up: with(CrossTalk::default()), many_tasks_at_once_do_not_meet;
    takes_eight_calls_at_once: with(TooFew::default()), many_tasks_at_once_do_not_meet;
    stays_busy_after_a_drop: with(StaysBusy::default()), a_dropped_call_leaves_the_backend_working;
    panics: with(Panics), what_is_stored_is_found;

    stores_nothing: with(StoresNothing), what_is_stored_is_found;
    keeps_though_it_says_not: with(KeepsAfterAll), nothing_is_kept;
    makes_a_register_of_an_entry: with(OneSpace), entries_registers_and_leases_do_not_touch;
    drops_trailing_zeros: with(Changes(drop_zeros)), entries_come_back_byte_for_byte;
    takes_entries_for_text: with(Changes(as_text)), entries_come_back_byte_for_byte;
    trims_entries: with(Changes(trim)), entries_come_back_byte_for_byte;
    takes_empty_for_absent: with(EmptyIsAbsent), entries_come_back_byte_for_byte;
    cuts_large_entries: with(CutsLarge), the_largest_entry_fits_and_no_larger_one_is_cut;
    refuses_all_for_one: with(RefusesAll), the_largest_entry_fits_and_no_larger_one_is_cut;
    removes_the_first_only: with(RemovesFirst), removing_is_idempotent;
    keeps_entries_for_ever: with(Lives(|_| DAY)), entries_end_after_their_life;
    gives_all_one_life: with(LifeOfTheFirst), entries_end_after_their_life;
    keeps_the_first_life: with(FirstLife::default()), an_entry_has_the_life_of_its_last_store;
    takes_zero_for_ever: with(Lives(whole_seconds)), the_shortest_and_longest_lives_are_taken;
    takes_a_month_for_a_date: with(Lives(as_a_date)), the_shortest_and_longest_lives_are_taken;

    creates_over_a_version: with(CreatesOver), a_register_is_created_once;
    says_what_was_proposed: with(SaysProposed), a_register_is_created_once;
    looks_before_it_creates: with(LooksThenCreates), concurrent_creators_see_one_version;
    bumps_only_what_is_absent: with(BumpCreates), a_bump_always_writes;
    bumps_only_the_first: with(BumpsFirst), a_bump_always_writes;
    writes_an_old_version_back: with(ExtendsOld::default()), an_overwritten_version_never_comes_back;
    acknowledges_before_it_writes: with(AcknowledgesEarly), a_read_after_a_bump_sees_it_or_nothing;
    reads_from_a_replica: with(ReadsLate::default()), a_read_after_a_bump_sees_it_or_nothing;
    revives_what_was_lost: with(Remembers::default()), lost_registers_come_back_as_others;
    revives_what_has_ended: with(Remembers::default()), an_ended_register_is_not_revived;
    makes_registers_by_extending: with(ExtendMakes), what_is_not_there_is_no_error;
    halves_lives: with(HalfLife), a_register_lives_for_its_life;
    does_not_extend: with(ExtendsNothing), a_register_lives_for_its_life;
    forgets_to_extend: with(ExtendsNothing), an_extended_register_outlives_others;

    cuts_names: with(Renames(cut)), the_longest_names_are_told_apart;
    folds_case: with(Renames(fold)), similar_names_are_told_apart;
    trims_names: with(Renames(trim_name)), names_may_hold_any_character;
    ends_names_at_a_zero: with(Renames(end_at_zero)), names_may_hold_any_character;
    confuses_leases_only: with(OneLease), similar_names_are_told_apart;

    looks_before_it_takes: with(LooksThenTakes), a_lease_has_one_holder;
    lets_an_owner_in_again: with(Reentrant), a_lease_has_one_holder;
    lets_anybody_release: with(AnybodyReleases::default()), only_its_owner_renews_or_releases_a_lease;
    lets_anybody_renew: with(AnybodyRenews), only_its_owner_renews_or_releases_a_lease;
    never_ends_a_lease: with(EndlessLeases), a_lease_ends_by_itself;
    does_not_renew: with(RenewsNothing), a_lease_ends_by_itself;
    does_not_abandon: with(AbandonsNothing), an_abandoned_lease_is_free_again;
    abandons_on_a_runtime: with(AbandonsByTask), an_abandoned_lease_is_free_again;
    lets_anybody_abandon: with(AnybodyReleases::default()), an_abandoned_lease_is_free_again;
    releases_all_of_an_owner: with(ReleasesAll::default()), leases_of_two_names_are_held_at_once;
    has_one_lease_for_all: with(OneLease), leases_of_two_names_are_held_at_once;
    ignores_fences: with(NoFences), a_store_under_a_lost_lease_is_refused;
    asks_only_whether_a_lease_is_held: with(AnyHolder), a_store_under_a_lost_lease_is_refused;
    fences_all_for_one: with(FencesAll), a_store_under_a_lost_lease_is_refused;
    looks_before_it_stores: with(LooksThenStores), a_late_store_never_overwrites_its_successor;

    taints_and_says_not: with(TaintsUntold), it_says_what_it_is;
    hides_its_taints: with(HidesTaints), a_tainted_register_shows_no_version;
    creates_what_is_tainted: with(CreatesTainted), a_tainted_register_shows_no_version;
    lifts_what_is_named_twice_once: with(Wrong::new(Fault::CountsTwice)), a_tainted_register_shows_no_version;
    lifts_without_a_version: with(Wrong::new(Fault::LiftsOldVersion)), a_tainted_register_shows_no_version;
    has_one_mark_for_all_writers: with(Wrong::new(Fault::OneMark)), a_taint_lasts_until_its_last_writer_lifts;
    bumps_writers_away: with(Wrong::new(Fault::BumpErases)), a_taint_lasts_until_its_last_writer_lifts;
    always_says_that_it_lifted: with(Wrong::new(Fault::AlwaysLifted)), a_lift_says_whether_its_writer_was_there;
    lifts_only_for_a_writer: with(Wrong::new(Fault::LiftsOwnOnly)), a_lift_says_whether_its_writer_was_there;
    lets_anybody_renew_a_taint: with(Wrong::new(Fault::AlwaysRenewed)), only_its_writer_renews_a_taint;
    taints_by_renewing: with(Wrong::new(Fault::RenewPlaces)), only_its_writer_renews_a_taint;
    never_ends_a_taint: with(Wrong::new(Fault::Endless)), a_taint_ends_by_itself;
    prolongs_a_taint_by_extending: with(Wrong::new(Fault::ExtendRenews)), a_taint_ends_by_itself;
    does_not_renew_a_taint: with(Wrong::new(Fault::RenewsNothing)), a_taint_ends_by_itself;
    ends_a_lifted_register_with_its_taint: with(Wrong::new(Fault::LiftKeepsLife)), a_taint_ends_by_itself;
    looks_before_it_taints: with(Wrong::new(Fault::LooksThenPlaces)), writers_that_taint_at_once_all_stay;
    stays_busy_after_a_dropped_taint: with(Wrong::new(Fault::StaysBusy)), a_dropped_call_leaves_the_backend_working;

    garbles: layered(&Chaos::seeded(7).garble(1.0)), entries_come_back_byte_for_byte;
    loses_bumps: layered(&Chaos::seeded(7).lose_bumps(1.0)), a_bump_always_writes;
    fails_now_and_then: layered(&Chaos::seeded(7).fail(0.05)), many_tasks_at_once_do_not_meet;
}

/// On a clock that runs ahead when nothing happens, because the case waits for a minute.
#[tokio::test(start_paused = true)]
async fn hangs_after_a_drop() {
    let case = "a_dropped_call_leaves_the_backend_working";
    let verdict = run(case, async || with(StaysSilent::default())).await;
    let Some(Verdict::Failed(how)) = verdict else { panic!("not caught: {verdict:?}") };
    assert_eq!(how, "not done after 60s: a call does not end");
}

#[test]
fn every_case_catches_something() {
    let idle: Vec<_> = cases().filter(|case| !CATCHING.contains(case)).collect();
    assert!(idle.is_empty(), "no mutant is caught by {idle:?}");
}
