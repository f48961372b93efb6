//! The parameters of a URL, and which of them somebody asked for.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Secret;
use super::parse::decoded;

/// Parameters in the order given. A clone has not been asked for anything.
#[derive(Debug, Default)]
pub(super) struct Parameters {
    given: Vec<Parameter>,
    asked: Mutex<BTreeSet<String>>,
}

#[derive(Debug, Clone)]
pub(super) struct Parameter {
    pub(super) name: String,
    value: Secret,
    /// As it was written.
    raw: Secret,
}

impl PartialEq for Parameter {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, &self.value) == (&other.name, &other.value)
    }
}

impl Parameters {
    pub(super) fn parse(query: &str) -> Result<Self, &'static str> {
        let mut given: Vec<Parameter> = Vec::new();
        for raw in query.split('&').filter(|raw| !raw.is_empty()) {
            let (name, value) = raw.split_once('=').unwrap_or((raw, ""));
            if !is_name(name) {
                return Err("a parameter's name has letters, digits, . _ - only, such as in \
                            ?capacity=64MiB; in a user or password write ? & = as %3F %26 %3D");
            }
            if given.iter().any(|other| other.name == name) {
                return Err("a parameter is given twice");
            }
            given.push(Parameter {
                name: name.to_owned(),
                value: Secret::new(decoded(value)?),
                raw: Secret::new(raw.to_owned()),
            });
        }
        Ok(Self { given, asked: Mutex::default() })
    }

    pub(super) fn given(&self) -> &[Parameter] {
        &self.given
    }

    /// The value of `name`, which is a name that may be given from now on.
    pub(super) fn ask(&self, name: &str) -> Option<&str> {
        self.asked().insert(name.to_owned());
        let given = self.given.iter().find(|parameter| parameter.name == name);
        given.map(|parameter| parameter.value.expose())
    }

    /// The first parameter that nobody asked for, and the names that somebody did ask for.
    pub(super) fn left(&self) -> Option<(&str, Vec<String>)> {
        let asked = self.asked();
        let left = self.given.iter().find(|parameter| !asked.contains(&parameter.name))?;
        Some((&left.name, asked.iter().cloned().collect()))
    }

    /// Hands over all that nobody asked for, as it was written.
    pub(super) fn take_left(&self) -> Vec<&str> {
        let mut asked = self.asked();
        let left = self.given.iter().filter(|parameter| asked.insert(parameter.name.clone()));
        left.map(|parameter| parameter.raw.expose()).collect()
    }

    fn asked(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    (1..=64).contains(&name.len()) && name.chars().all(plain)
}

impl Clone for Parameters {
    fn clone(&self) -> Self {
        Self { given: self.given.clone(), asked: Mutex::default() }
    }
}

impl PartialEq for Parameters {
    fn eq(&self, other: &Self) -> bool {
        self.given == other.given
    }
}
