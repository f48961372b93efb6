//! What went wrong, in one line.

use std::error::Error as StdError;
use std::io::Write;
use std::process::ExitCode;

use dogpile_migrations::Error;

/// What went wrong.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What was asked for makes no sense.
    Input(String),
    /// It could not be done.
    Work(String),
}

impl Failure {
    /// An error and its causes.
    pub(crate) fn work(error: &dyn StdError) -> Self {
        Self::Work(chain(error))
    }

    /// Prints it, and says how the program ends.
    pub(crate) fn tell(self) -> ExitCode {
        let (text, code) = match self {
            Self::Input(text) => (text, 2),
            Self::Work(text) => (text, 1),
        };
        drop(writeln!(std::io::stderr(), "dogpile-migrate: {}", one_line(&text)));
        ExitCode::from(code)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Setting { .. } => Self::Input(error.to_string()),
            _ => Self::work(&error),
        }
    }
}

fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        // The driver repeats its causes in its own text.
        if !text.contains(&more) {
            text = text + ": " + &more;
        }
        cause = error.source();
    }
    text
}

/// Servers put hints on lines of their own.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
