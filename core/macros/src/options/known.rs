//! The options that there are, and how each is written.

/// How an option is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// `name`
    Flag,
    /// `name = value`
    Value,
    /// `name` or `name = value`
    FlagOrValue,
    /// `name(one, two)`
    List,
}

/// An option: its name, its shape, and an example for messages.
pub(super) struct Known {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    pub(super) example: &'static str,
}

const fn known(name: &'static str, shape: Shape, example: &'static str) -> Known {
    Known { name, shape, example }
}

/// What `#[cached]` takes.
pub(super) const CACHED: &[Known] = &[
    known("region", Shape::Value, "region = SHOP"),
    known("ttl", Shape::Value, "ttl = minutes(10)"),
    known("stale_for", Shape::Value, "stale_for = hours(1)"),
    known("namespace", Shape::Value, "namespace = \"rates\""),
    known("tag", Shape::Value, "tag = \"rates\""),
    known("tags", Shape::Value, "tags = [format!(\"from:{from}\"), format!(\"to:{to}\")]"),
    known("key", Shape::Value, "key = (from, to)"),
    known("skip", Shape::List, "skip(connection)"),
    known("should_cache", Shape::Value, "should_cache = |_key, value| value.is_some()"),
    known("detached", Shape::Flag, "detached"),
    known("in_process", Shape::FlagOrValue, "in_process = |value| Some(value.len())"),
    known("associated", Shape::Flag, "associated"),
    known("no_helpers", Shape::Flag, "no_helpers"),
    known("crate", Shape::Value, "crate = my_crate::dogpile"),
];

/// What `#[cached_multi]` takes.
pub(super) const CACHED_MULTI: &[Known] = &[
    known("region", Shape::Value, "region = SHOP"),
    known("ttl", Shape::Value, "ttl = minutes(10)"),
    known("stale_for", Shape::Value, "stale_for = hours(1)"),
    known("namespace", Shape::Value, "namespace = \"users\""),
    known("tag", Shape::Value, "tag = \"users\""),
    known("tags", Shape::Value, "tags = [\"users\", \"people\"]"),
    known("ids", Shape::Value, "ids = users"),
    known("key", Shape::Value, "key = |id| (\"user\", id)"),
    known("skip", Shape::List, "skip(connection)"),
    known("associated", Shape::Flag, "associated"),
    known("no_helpers", Shape::Flag, "no_helpers"),
    known("crate", Shape::Value, "crate = my_crate::dogpile"),
];

/// The names, as a message lists them.
pub(super) fn names(known: &[Known]) -> String {
    let names: Vec<&str> = known.iter().map(|option| option.name).collect();
    names.join(", ")
}
