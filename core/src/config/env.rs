//! Settings from environment variables: `APP_REGIONS__SHOP__TTL=5m`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::env;

use super::decode::{decode, name as shown};
use super::tree::Tree;
use super::{RegionsConfig, wrong};
use crate::error::Result;

/// How many parts the longest name has: `REGIONS__SHOP__MANGLER__PREFIX`.
const DEEPEST: usize = 4;

impl RegionsConfig {
    /// Reads environment variables given as pairs: `APP_REGIONS__SHOP__TTL=5m` where `prefix` is
    /// `APP`, and `APP_DEFAULTS__TTL=1m`.
    ///
    /// Two underscores stand between parts; parts are read in lower case. Variables that
    /// begin otherwise than with the prefix are not looked at, nor those without two underscores
    /// that begin with neither `APP_REGIONS` nor `APP_DEFAULTS`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](crate::ErrorKind::Config), naming the variable and what it may be.
    pub fn from_env(
        prefix: &str,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self> {
        let mut root = BTreeMap::new();
        for (name, value) in variables {
            if let Some(path) = path(prefix, &name) {
                insert(&mut root, &path, value)
                    .map_err(|text| wrong(format!("{}: {text}", shown(&name))))?;
            }
        }
        decode(Tree::Table(root), |path| variable(prefix, path))
    }

    /// The same from the environment of this process.
    ///
    /// # Errors
    ///
    /// As [`from_env`](Self::from_env); and a variable of ours that is not UTF-8.
    pub fn from_process_env(prefix: &str) -> Result<Self> {
        Self::from_env(prefix, process(prefix)?)
    }

    /// These settings, with those of environment variables laid over them.
    ///
    /// A region whose name cannot be spelt in a variable is found all the same: `SHOP_EU` means
    /// `shop_eu`, or else the one region whose name becomes that when it is written in lower case
    /// with an underscore for everything but letters and digits, such as `shop-eu`. A name that no
    /// region has is a new region.
    ///
    /// # Errors
    ///
    /// As [`from_env`](Self::from_env); and a name that may mean two regions.
    pub fn overlay_env(
        self,
        prefix: &str,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self> {
        let mut over = Self::from_env(prefix, variables)?;
        for (spelt, region) in std::mem::take(&mut over.regions) {
            let name = self.meant(prefix, spelt)?;
            over.regions.insert(name, region);
        }
        Ok(self.overlay(over))
    }

    /// The same with the environment of this process.
    ///
    /// # Errors
    ///
    /// As [`overlay_env`](Self::overlay_env); and a variable of ours that is not UTF-8.
    pub fn overlay_process_env(self, prefix: &str) -> Result<Self> {
        self.overlay_env(prefix, process(prefix)?)
    }

    /// The region that a name from a variable stands for.
    fn meant(&self, prefix: &str, spelt: String) -> Result<String> {
        if self.regions.contains_key(&spelt) {
            return Ok(spelt);
        }
        let mut meant = self.regions.keys().filter(|name| spelling(name) == spelt);
        match (meant.next(), meant.next()) {
            (None, _) => Ok(spelt),
            (Some(name), None) => Ok(name.clone()),
            (Some(one), Some(other)) => {
                let variable = variable(prefix, &[Cow::Borrowed("regions"), Cow::Owned(spelt)]);
                let (one, other) = (shown(one), shown(other));
                Err(wrong(format!("{variable}: may mean the regions {one} and {other}")))
            }
        }
    }
}

fn spelling(name: &str) -> String {
    let spelt = |c: char| if c.is_alphanumeric() { c } else { '_' };
    name.to_lowercase().chars().map(spelt).collect()
}

/// The parts of a variable's name, if it is one of ours.
fn path(prefix: &str, name: &str) -> Option<Vec<String>> {
    let name = name.strip_prefix(prefix)?.strip_prefix('_')?.to_lowercase();
    let ours = name.contains("__") || name.starts_with("regions") || name.starts_with("defaults");
    ours.then(|| name.split("__").map(str::to_owned).collect())
}

/// The variable's name that `path` was read from.
fn variable(prefix: &str, path: &[Cow<'_, str>]) -> String {
    format!("{prefix}_{}", path.join("__").to_uppercase())
}

/// Puts a value at its place; an error says why there is none.
fn insert(
    mut table: &mut BTreeMap<String, Tree>,
    path: &[String],
    value: String,
) -> Result<(), &'static str> {
    let Some((last, parents)) = path.split_last().filter(|_| path.len() <= DEEPEST) else {
        return Err("too many parts; the longest name is such as REGIONS__SHOP__MANGLER__PREFIX");
    };
    if path.iter().any(String::is_empty) {
        return Err("a part is empty; write a name such as REGIONS__SHOP__TTL");
    }
    for parent in parents {
        let entry = table.entry(parent.clone());
        match entry.or_insert_with(|| Tree::Table(BTreeMap::new())) {
            Tree::Table(inner) => table = inner,
            _ => return Err("another variable gives a value to what is a table here"),
        }
    }
    match table.insert(last.clone(), Tree::Text(value)) {
        None => Ok(()),
        Some(Tree::Table(_)) => Err("other variables give settings to what is a value here"),
        Some(_) => Err("given twice, in capitals and in small letters"),
    }
}

/// Our variables in the environment of this process.
fn process(prefix: &str) -> Result<Vec<(String, String)>> {
    let mut variables = Vec::new();
    for (name, value) in env::vars_os() {
        let Some(name) = name.into_string().ok().filter(|name| path(prefix, name).is_some()) else {
            continue;
        };
        match value.into_string() {
            Ok(value) => variables.push((name, value)),
            Err(_) => return Err(wrong(format!("{}: not UTF-8", shown(&name)))),
        }
    }
    Ok(variables)
}
