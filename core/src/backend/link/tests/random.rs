//! Random scripts: what was owed is never served as it was before, and in the end nothing is owed.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::{Act, Debt, Fake, Link, assert_at_rest, others_run, owe, pass, poll, region};
use crate::backend::TagVersion;
use crate::units::{millis, minutes};

const REGISTERS: [&str; 4] = ["a", "b", "c", "d"];

#[derive(Debug, Clone)]
enum Step {
    /// Owes registers, and keeps the debt.
    Owe(usize, Vec<usize>),
    /// Delivers the oldest debt that is kept, or drops it after so many polls.
    Deliver(Option<usize>),
    /// Drops the oldest debt that is kept.
    Drop,
    /// What the next calls of one handle do.
    Then(usize, Vec<Act>),
    /// What calls of one handle usually do.
    Usually(usize, Act),
    /// The backend loses the bumps of so many steps, and one handle knows.
    Lose(usize, usize),
    /// A register goes.
    Evict(usize),
    Create(usize, usize),
    Pass(u64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => Just(Act::Answer),
        3 => (0..3_usize, 0..3_usize).prop_map(|(before, after)| Act::Slow(before, after)),
        2 => Just(Act::Fail),
        1 => Just(Act::FailLate),
        1 => Just(Act::Hang),
        1 => Just(Act::PanicInPoll),
        1 => Just(Act::PanicInCall),
        1 => Just(Act::PanicInDrop),
        1 => Just(Act::TooMany),
        1 => Just(Act::TooFew),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let register = 0..REGISTERS.len();
    prop_oneof![
        6 => (0..2_usize, prop::collection::vec(register.clone(), 1..3))
            .prop_map(|(who, registers)| Step::Owe(who, registers)),
        6 => prop::option::of(0..6_usize).prop_map(Step::Deliver),
        3 => Just(Step::Drop),
        3 => (0..2_usize, prop::collection::vec(act(), 1..6))
            .prop_map(|(who, acts)| Step::Then(who, acts)),
        1 => (0..2_usize, act()).prop_map(|(who, act)| Step::Usually(who, act)),
        1 => (0..2_usize, 1..4_usize).prop_map(|(who, back)| Step::Lose(who, back)),
        1 => register.clone().prop_map(Step::Evict),
        2 => (0..2_usize, register).prop_map(|(who, register)| Step::Create(who, register)),
        3 => (0..3_000_u64).prop_map(Step::Pass),
    ]
}

/// One run: two regions on two handles of one backend.
struct Run {
    backends: [Arc<Fake>; 2],
    links: [Link; 2],
    debts: VecDeque<(Debt, Vec<usize>)>,
    /// The versions that must not be served: those that a register had when it was owed last.
    dead: HashMap<&'static str, HashSet<TagVersion>>,
    /// What the backend had after each step, and when.
    past: Vec<HashMap<String, TagVersion>>,
}

impl Run {
    fn new() -> Self {
        let first = Fake::new();
        let second = first.again();
        let links = [region("one", &first).0, region("two", &second).0];
        Self {
            backends: [first, second],
            links,
            debts: VecDeque::new(),
            dead: HashMap::new(),
            past: Vec::new(),
        }
    }

    async fn step(&mut self, step: &Step) {
        match step {
            Step::Owe(who, registers) => self.owe(*who, registers),
            Step::Deliver(polls) => self.deliver(*polls).await,
            Step::Drop => drop(self.debts.pop_front()),
            Step::Then(who, acts) => self.backends[*who].then(acts.iter().copied()),
            Step::Usually(who, act) => self.backends[*who].usually(*act),
            Step::Lose(who, back) => self.lose(*who, *back),
            Step::Evict(register) => {
                let name = REGISTERS[*register];
                self.backends[0].memory.lock().unwrap().registers.remove(name);
            }
            Step::Create(who, register) => {
                let _ = self.links[*who].create(&[REGISTERS[*register]]).await;
            }
            Step::Pass(ms) => pass(millis(*ms)).await,
        }
        self.past.push(self.backends[0].registers());
    }

    fn owe(&mut self, who: usize, registers: &[usize]) {
        let names: Vec<_> = registers.iter().map(|&register| REGISTERS[register]).collect();
        for name in &names {
            let memory = self.backends[0].memory.lock().unwrap();
            let had = memory.history.get(*name).into_iter().flatten().copied();
            self.dead.entry(name).or_default().extend(had);
        }
        self.debts.push_back((owe(&self.links[who], &names), registers.to_vec()));
    }

    async fn deliver(&mut self, polls: Option<usize>) {
        let Some((debt, _)) = self.debts.pop_front() else { return };
        match polls {
            None => drop(debt.deliver().await),
            Some(polls) => {
                let mut delivery = Box::pin(debt.deliver());
                let _ = (0..polls).any(|_| poll(&mut delivery).is_ready());
            }
        }
    }

    /// Back to what was some steps ago, as a failover to a replica that lags. One handle has seen
    /// it; the other is connected to nothing and sees it with its next call.
    fn lose(&self, who: usize, back: usize) {
        let then = self.past.iter().rev().nth(back).cloned().unwrap_or_default();
        self.backends[who].lose(then);
        let other = &self.backends[1 - who];
        other.incarnation.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    }

    /// No answer has a version that was owed away; what a live debt holds is owed.
    async fn check(&self) {
        for link in &self.links {
            for (_, registers) in &self.debts {
                assert!(registers.iter().all(|&register| link.owes([REGISTERS[register]])));
            }
            for name in REGISTERS {
                let owed = link.owes([name]);
                let answer = link.read(&[], &[name]).await;
                assert!(!owed || answer.is_err(), "{name} is owed and was answered");
                let Ok(answer) = answer else { continue };
                let dead = self.dead.get(name);
                let served = answer.versions[0];
                assert!(
                    served.is_none_or(|version| dead.is_none_or(|dead| !dead.contains(&version))),
                    "{name} is served as it was before it was owed"
                );
            }
        }
    }

    async fn end(mut self) {
        self.debts.clear();
        for backend in &self.backends {
            backend.usually(Act::Answer);
            backend.then([]);
        }
        for link in &self.links {
            assert_eq!(link.settle(minutes(30)).await, 0);
        }
        others_run().await;
        for (name, dead) in &self.dead {
            let version = self.backends[0].version(name);
            assert!(version.is_none_or(|version| !dead.contains(&version)), "{name} did not move");
        }
        self.links.iter().for_each(assert_at_rest);
    }
}

fn run(steps: &[Step], checks: &[bool]) {
    // The fake panics when it is told to, many thousand times.
    let quiet = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let told = info.payload_as_str().is_some_and(|message| message.starts_with("told to"));
        if !told {
            quiet(info);
        }
    }));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut run = Run::new();
        for (step, check) in steps.iter().zip(checks) {
            run.step(step).await;
            if *check {
                run.check().await;
            }
        }
        run.check().await;
        run.end().await;
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn i15_what_was_owed_is_never_served_again_and_in_the_end_nothing_is_owed(
        steps in prop::collection::vec(step(), 1..40),
        checks in prop::collection::vec(prop::bool::weighted(0.4), 40),
    ) {
        run(&steps, &checks);
    }
}

#[test]
fn durations_of_a_script_stay_within_what_is_recent() {
    // A script loses the bumps of four steps at most, each of three seconds and the calls in it.
    let longest = 4 * (Duration::from_millis(3_000) + millis(100) * 40);
    assert!(longest < super::super::recent::RECENT_LIFE);
}
