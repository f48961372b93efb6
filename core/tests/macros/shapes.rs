//! Shapes of functions: generics, lifetimes, attributes, visibility.

use std::borrow::Cow;
use std::fmt::Display;
use std::sync::{LazyLock, Mutex};

use dogpile::{Error, KeyPart, Region, cached};
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};

use crate::support::{self, Runs};

static SHOP: LazyLock<Region> = LazyLock::new(support::region);

impl KeyPart for Wrapped<'_> {
    fn write(&self, writer: &mut dogpile::KeyWriter) {
        self.0.write(writer);
    }
}

#[derive(Clone)]
struct Wrapped<'a>(&'a str);

#[cached(region = SHOP, key = (text, cow.as_ref()))]
async fn lifetimes(text: Wrapped<'_>, cow: Cow<'_, str>) -> Result<String, Error> {
    Ok(format!("{}{cow}", text.0))
}

#[cached(region = SHOP, key = (text.to_string(), f()), skip(context))]
async fn anything<F>(
    text: impl Display + Send + Sync,
    f: F,
    context: &mut Vec<u8>,
) -> Result<String, Error>
where
    F: Fn() -> u8 + Send + Sync,
{
    context.push(1);
    Ok(format!("{text}{}", f()))
}

#[tokio::test]
async fn borrowed_generic_and_opaque_arguments_are_cached() {
    assert_eq!(lifetimes(Wrapped("a"), Cow::Borrowed("b")).await.unwrap(), "ab");
    assert_eq!(lifetimes::get(&Wrapped("a"), &"b".into()).await.unwrap(), "ab".to_owned());
    let mut context = Vec::new();
    assert_eq!(anything(7, || 1, &mut context).await.unwrap(), "71");
    assert_eq!(anything("7", || 1, &mut context).await.unwrap(), "71");
    assert_eq!(context, [1], "a written key says all");
}

#[tokio::test]
async fn the_future_can_be_sent_where_the_functions_own_can() {
    let text = String::from("sent");
    let task = tokio::spawn(async move { lifetimes(Wrapped(&text), Cow::Borrowed("!")).await });
    assert_eq!(task.await.unwrap().unwrap(), "sent!");
}

#[cached(region = SHOP)]
async fn names(
    region: u8,
    source: u8,
    entry: u8,
    key: u8,
    create: u8,
    value: u8,
) -> Result<u8, Error> {
    Ok(region + source + entry + key + create + value)
}

#[tokio::test]
async fn no_name_of_an_argument_is_in_the_way() {
    assert_eq!(names(0, 1, 2, 3, 4, 5).await.unwrap(), 15);
    names::set(&0, &1, &2, &3, &4, &5, 99).await.unwrap();
    assert_eq!(names(0, 1, 2, 3, 4, 5).await.unwrap(), 99);
}

#[cached(region = SHOP)]
async fn r#match(r#type: u8) -> Result<u8, Error> {
    Ok(r#type)
}

#[tokio::test]
async fn raw_names_work() {
    assert_eq!(r#match(1).await.unwrap(), 1);
    assert_eq!(r#match::get(&1).await.as_deref(), Some(&1));
}

#[cached(region = SHOP)]
async fn lints_of_the_body() -> Result<u8, Error> {
    #![deny(unused_must_use)]
    #![expect(unused_variables, reason = "the attribute moves with the body")]
    let unused = 1;
    Ok(2)
}

#[tokio::test]
async fn attributes_inside_of_the_body_work() {
    assert_eq!(lints_of_the_body().await.unwrap(), 2);
}

#[cached(region = SHOP)]
#[cfg(any())]
async fn is_not_there(unknown: Unknown) -> Unknown {}

mod instrumented {
    use super::*;

    pub(super) static CREATED: Runs = Runs::new();

    /// Above the attribute, another one sees what is created.
    #[tracing::instrument(skip_all)]
    #[cached(region = SHOP)]
    pub(super) async fn creation(id: u8) -> Result<u8, Error> {
        CREATED.add();
        Ok(id)
    }

    /// Below it, every call.
    #[cached(region = SHOP)]
    #[tracing::instrument(skip_all)]
    #[must_use = "it is a value"]
    #[deprecated = "to see that attributes stay"]
    pub(super) async fn call(id: u8) -> Result<u8, Error> {
        CREATED.add();
        Ok(id)
    }
}

/// Counts the spans by name.
#[derive(Debug, Default)]
struct Spans(Mutex<Vec<&'static str>>);

impl Subscriber for &'static Spans {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_span() && metadata.target().starts_with("macros")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.0.lock().unwrap().push(span.metadata().name());
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &tracing::Event<'_>) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
#[expect(deprecated, reason = "the attribute is still there")]
async fn attributes_above_are_of_the_creation_and_attributes_below_of_every_call() {
    static SPANS: Spans = Spans(Mutex::new(Vec::new()));
    let _default = tracing::subscriber::set_default(&SPANS);
    for _ in 0..3 {
        instrumented::creation(1).await.unwrap();
        instrumented::call(1).await.unwrap();
    }
    assert_eq!(*SPANS.0.lock().unwrap(), ["creation", "call", "call", "call"]);
    assert_eq!(instrumented::CREATED.count(), 2);
}
