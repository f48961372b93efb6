//! dogpile beside other caches: hits, misses, a stampede and memory, all from one run.
//!
//! Every cache holds the same rows behind an `Arc` and is asked in the way its own documentation
//! asks for: get the value, or create it.

mod contest;
mod measure;
mod peers;
mod rows;
mod table;

use std::error::Error;

use contest::{Contestant, Figures};
use indicatif::{ProgressBar, ProgressStyle};

/// What a child process is told, so that each cache has the memory of a process for itself.
const MEMORY: &str = "--memory-of";

fn main() -> Result<(), Box<dyn Error>> {
    let contestants = peers::all();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [MEMORY, name] = arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        let wanted = contestants.iter().find(|contestant| contestant.name() == name);
        println!("{}", wanted.ok_or("unknown peer")?.memory()?);
        return Ok(());
    }
    let chosen = |contestant: &&dyn Contestant| {
        arguments.is_empty() || arguments.iter().any(|name| contestant.name().contains(name))
    };
    let contestants: Vec<_> =
        contestants.iter().map(AsRef::as_ref).filter(|contestant| chosen(contestant)).collect();
    let figures = run(&contestants)?;
    println!("{}", table::of(&contestants, &figures));
    println!("{}", peers::NOT_HERE);
    Ok(())
}

/// Lets all contestants take turns in every round, so that what else the machine does hits all.
fn run(contestants: &[&dyn Contestant]) -> Result<Vec<Figures>, Box<dyn Error>> {
    let mut figures: Vec<_> = contestants.iter().map(|_| Figures::default()).collect();
    let bar = ProgressBar::new((contest::ROUNDS * contestants.len()) as u64);
    bar.set_style(ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}")?);
    for round in 0..contest::ROUNDS {
        for (contestant, figures) in contestants.iter().zip(&mut figures) {
            bar.set_message(contestant.name());
            contestant.round(round, figures)?;
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    for (contestant, figures) in contestants.iter().zip(&mut figures) {
        figures.memory = memory_of(contestant.name())?;
    }
    Ok(figures)
}

/// Bytes per entry, told by a process that does nothing else.
fn memory_of(name: &str) -> Result<f64, Box<dyn Error>> {
    let child =
        std::process::Command::new(std::env::current_exe()?).args([MEMORY, name]).output()?;
    if !child.status.success() {
        return Err(String::from_utf8_lossy(&child.stderr).into());
    }
    Ok(String::from_utf8(child.stdout)?.trim().parse()?)
}
