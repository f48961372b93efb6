//! `dogpile-migrate`: creates, drops and checks the tables of dogpile in a database.
//!
//! It ends with 0 when it did what it was told, with 1 when the database refused or `status` found
//! something to do, and with 2 when it was told nonsense. No message repeats a URL.

mod arguments;
mod failure;
mod work;

use std::io::Write;
use std::process::ExitCode;

use self::arguments::Arguments;
use self::failure::Failure;

fn main() -> ExitCode {
    match Arguments::read().and_then(work::work) {
        Ok(code) => code,
        Err(failure) => failure.tell(),
    }
}

/// Prints to standard output. That nobody reads it is no failure.
fn say(text: &str) {
    drop(writeln!(std::io::stdout(), "{}", text.trim_end()));
}
