//! Many processes want one value.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dogpile::observe::ReasonKind;
use dogpile::{LocalLocks, Reason, Region, millis, secs};
use dogpile_tests::services::{Part, Worker};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::support::{Service, on_each_service, region, run};

const PROCESSES: usize = 8;
const TASKS: usize = 500;

on_each_service! {
    one_cold_key_in_eight_processes_is_created_once
    s173_lock_holder_killed_another_process_takes_over
    s170_lock_holder_stalls_another_takes_over_and_its_late_store_is_refused
}
crate::support::tests_of!(
    control,
    dogpile_tests::services::Redis,
    a_lease_of_its_own_in_each_process_is_seen
);

fn one_cold_key_in_eight_processes_is_created_once<S: Service>(name: &str) {
    if let Some(part) = Part::of_this_process() {
        return crowd::<S>(&part);
    }
    let (created, failed) = run(stampede::<S>(name, PROCESSES, "crowd"));
    assert_eq!(failed, 0, "calls to the backend that failed, and {created} creations");
    assert_eq!(created, 1, "creations of one key in {PROCESSES} processes");
}

/// The same where every process has its own locks: that the counts above would tell.
fn a_lease_of_its_own_in_each_process_is_seen<S: Service>(name: &str) {
    if let Some(part) = Part::of_this_process() {
        return crowd::<S>(&part);
    }
    assert!(run(stampede::<S>(name, 3, "unshared crowd")).0 > 1, "the processes never met");
}

/// How often a value was created that all tasks of so many processes wanted at once, and how many
/// calls to the backend failed meanwhile.
async fn stampede<S: Service>(name: &str, processes: usize, role: &str) -> (usize, usize) {
    let service = S::start().await;
    let url = service.url();
    let spawn = |_| Worker::spawn(name, role, &[&url]).unwrap();
    let mut workers: Vec<_> = (0..processes).map(spawn).collect();
    for worker in &mut workers {
        worker.expect("ready").unwrap();
    }
    for worker in &mut workers {
        worker.send("go").unwrap();
    }
    let (mut created, mut failed) = (0, 0);
    for worker in &mut workers {
        created += worker.expect("created ").unwrap().parse::<usize>().unwrap();
        failed += worker.expect("failed ").unwrap().parse::<usize>().unwrap();
        let served = worker.expect("served ").unwrap();
        assert_eq!(served, TASKS.to_string(), "tasks that got the value");
    }
    (created, failed)
}

/// The part of one process: so many tasks, one key.
fn crowd<S: Service>(part: &Part) {
    run(async {
        // A pool of a few connections lets thousands wait in line, on a machine that is busy.
        let region = region(S::open(&part.arguments()[0]));
        let mut region = region.op_timeout(secs(40)).lease(secs(40));
        if part.role() == "unshared crowd" {
            region = region.locks(LocalLocks::default());
        }
        let region = region.build().unwrap();
        // Connected, so that all of them are there at once.
        region.entry("other").get::<String>().await;
        let created = Arc::new(AtomicUsize::new(0));
        part.say("ready");
        part.hear();
        let mut tasks = JoinSet::new();
        for _ in 0..TASKS {
            let (region, created) = (region.clone(), Arc::clone(&created));
            tasks.spawn(async move { served(&region, &created).await });
        }
        let served = tasks.join_all().await.into_iter().filter(|served| *served).count();
        part.say(&format!("created {}", created.load(Ordering::SeqCst)));
        part.say(&format!("failed {}", region.stats().backend_failed));
        part.say(&format!("served {served}"));
    });
}

async fn served(region: &Region, created: &AtomicUsize) -> bool {
    let create = async || {
        created.fetch_add(1, Ordering::SeqCst);
        // So long that whoever does not wait for it creates as well.
        sleep(millis(700)).await;
        Ok::<_, dogpile::Error>(String::from("the value"))
    };
    let value = region.entry("cold").tag("cakes").get_or_create(create).await;
    value.is_ok_and(|value| *value == "the value")
}

fn s173_lock_holder_killed_another_process_takes_over<S: Service>(name: &str) {
    if let Some(part) = Part::of_this_process() {
        return creator::<S>(&part);
    }
    run(async {
        let service = S::start().await;
        let (mut holder, mut others) = holder_and_others::<S>(name, &service);
        holder.kill().unwrap();
        assert_takeover(&mut others);
    });
}

fn s170_lock_holder_stalls_another_takes_over_and_its_late_store_is_refused<S: Service>(
    name: &str,
) {
    if let Some(part) = Part::of_this_process() {
        return creator::<S>(&part);
    }
    run(async {
        let service = S::start().await;
        let (mut holder, mut others) = holder_and_others::<S>(name, &service);
        holder.pause().unwrap();
        let winner = assert_takeover(&mut others);
        // It wakes, ends its creation and wants to store it.
        holder.send("finish").unwrap();
        holder.resume().unwrap();
        assert_eq!(holder.expect("got ").unwrap(), format!("the value of {}", holder.id()));
        assert_eq!(holder.expect("created ").unwrap(), "1");
        assert_eq!(holder.expect("lease lost ").unwrap(), "1", "its late store was not refused");
        let mut late = Worker::spawn(name, "late", &[&service.url()]).unwrap();
        late.expect("ready").unwrap();
        late.send("go").unwrap();
        late.expect("waiting").unwrap();
        assert_eq!(late.expect("got ").unwrap(), winner, "the second value was overwritten");
        assert_eq!(late.expect("created ").unwrap(), "0");
    });
}

/// A process that is creating the value, and two that wait for it.
fn holder_and_others<S: Service>(name: &str, service: &S) -> (Worker, [Worker; 2]) {
    let spawn = |role: &str| Worker::spawn(name, role, &[&service.url()]).unwrap();
    let mut holder = spawn("holder");
    let mut others = [spawn("other"), spawn("other")];
    for worker in [&mut holder].into_iter().chain(&mut others) {
        worker.expect("ready").unwrap();
    }
    holder.send("go").unwrap();
    holder.expect("creating").unwrap();
    for other in &mut others {
        other.send("go").unwrap();
        other.expect("waiting").unwrap();
    }
    (holder, others)
}

/// All that waited got one value, of which there was one creation. Returns it.
fn assert_takeover(others: &mut [Worker]) -> String {
    let (mut values, mut created) = (Vec::new(), Vec::new());
    for other in others {
        values.push(other.expect("got ").unwrap());
        created.push(other.expect("created ").unwrap());
    }
    assert!(values.iter().all(|value| *value == values[0]), "{values:?}");
    created.sort();
    assert_eq!(created, ["0", "1"], "creations after the holder was gone");
    values.remove(0)
}

/// The part of a process that wants the value; as the holder it creates until it is told to finish.
fn creator<S: Service>(part: &Part) {
    run(async {
        let region = region(S::open(&part.arguments()[0])).lease(secs(1)).build().unwrap();
        region.entry("other").get::<String>().await;
        part.say("ready");
        part.hear();
        let (finish, created) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
        let asking =
            tokio::spawn(own_value(region.clone(), Arc::clone(&finish), Arc::clone(&created)));
        if part.role() == "holder" {
            wait_for(&created).await;
            part.say("creating");
            // This thread hears; the others go on creating, and keep the lease.
            part.hear();
        } else {
            part.say("waiting");
        }
        finish.notify_one();
        part.say(&format!("got {}", asking.await.unwrap()));
        part.say(&format!("created {}", created.load(Ordering::SeqCst)));
        let lost = region.stats().count_of(ReasonKind::Refused, Reason::LEASE_LOST);
        part.say(&format!("lease lost {lost}"));
    });
}

async fn wait_for(created: &AtomicUsize) {
    while created.load(Ordering::SeqCst) == 0 {
        sleep(millis(5)).await;
    }
}

/// The value, which is this process's own where it has to create it.
async fn own_value(region: Region, finish: Arc<Notify>, created: Arc<AtomicUsize>) -> String {
    let create = async || {
        created.fetch_add(1, Ordering::SeqCst);
        finish.notified().await;
        Ok::<_, dogpile::Error>(format!("the value of {}", std::process::id()))
    };
    region.entry("held").tag("cakes").get_or_create(create).await.unwrap().to_string()
}
