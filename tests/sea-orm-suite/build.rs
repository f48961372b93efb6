//! Lays the tests of sea-orm out as the modules of one crate. Their text stays as it is.
//!
//! A test file `x.rs` says `mod common { pub mod setup; .. }`. As a module of a crate it looks for that
//! in `x/common/setup.rs`, where one line leads to the `common` that all of them share: it is
//! compiled once, and `crate::common`, which the files say too, is the same.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What no wrapper can pass: see README.md.
const LEFT_OUT: [&str; 2] = ["database_executor_tests", "rbac_tests"];

/// The crate's root, before the modules of the tests.
const ROOT: &str = "\
#![allow(warnings)]

pub mod common {
    pub mod runtime;
    pub mod setup;
    pub use setup::TestContext;
    pub mod bakery_chain;
    pub mod bakery_dense;
    pub mod blogger;
    pub mod blogger_legacy;
    pub mod features;
    pub mod film_store;
}

// What tests name as of their own crate.
pub use sea_orm::DbErr;
#[path = \"partial_model_nested/local/mod.rs\"]
pub mod local;
mod partial_model_nested {
    mod nested_alias;
}
";

const SHARED: [&str; 8] = [
    "runtime",
    "setup",
    "bakery_chain",
    "bakery_dense",
    "blogger",
    "blogger_legacy",
    "features",
    "film_store",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=Cargo.lock");
    let here =
        PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo says where it is"));
    let to = here.join("target/sea-orm");
    let from = sources(&here).join("tests");
    lay_out(&from, &to);
}

/// Where the registry keeps the sources of sea-orm.
fn sources(here: &Path) -> PathBuf {
    let cargo = std::env::var_os("CARGO").expect("cargo says where it is");
    let asked = Command::new(cargo)
        .args(["metadata", "--format-version=1", "--locked", "--filter-platform"])
        .arg(std::env::var_os("HOST").expect("cargo says what it builds on"))
        .current_dir(here)
        .output()
        .expect("cargo runs");
    let told = String::from_utf8(asked.stdout).expect("cargo writes UTF-8");
    let manifest = told
        .split("\"manifest_path\":\"")
        .filter_map(|rest| rest.split('"').next())
        .find(|path| path.contains("/sea-orm-2.") && path.ends_with("/Cargo.toml"))
        .unwrap_or_else(|| panic!("no sea-orm: {}", String::from_utf8_lossy(&asked.stderr)));
    Path::new(manifest).parent().expect("a manifest is in a folder").to_owned()
}

fn lay_out(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    copy(&from.join("common"), &to.join("common"));
    copy(&from.join("partial_model_nested/local"), &to.join("partial_model_nested/local"));
    let nested = "partial_model_nested/nested_alias.rs";
    write(&to.join(nested), &read(&from.join(nested)));
    let mut root = ROOT.to_owned();
    for name in tests(from) {
        let text = read(&from.join(&name).with_extension("rs"));
        for shared in SHARED {
            let line = format!("pub use crate::common::{shared}::*;\n");
            write(&to.join(&name).join("common").join(shared).with_extension("rs"), &line);
        }
        if text.contains("mod crud;") {
            copy(&from.join("crud"), &to.join(&name).join("crud"));
        }
        write(&to.join(&name).with_extension("rs"), &text);
        root += &format!("mod {name};\n");
    }
    write(&to.join("main.rs"), &root);
}

/// The test files, by their names.
fn tests(from: &Path) -> Vec<String> {
    let entries = fs::read_dir(from).expect("sea-orm comes with its tests");
    let mut names: Vec<_> = entries
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| path.extension() == Some(OsStr::new("rs")))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .filter(|name| !LEFT_OUT.contains(&name.as_str()))
        .collect();
    names.sort();
    names
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        let to = to.join(path.file_name().expect("it has a name"));
        if path.is_dir() {
            copy(&path, &to);
        } else if path.extension() == Some(OsStr::new("rs")) {
            write(&to, &read(&path));
        }
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn write(path: &Path, text: &str) {
    let folder = path.parent().expect("it is in a folder");
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(path, text));
    written.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
