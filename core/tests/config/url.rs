//! URLs of backends.

use dogpile::config::BackendUrl;
use dogpile::{megabytes, millis};

fn parse(text: &str) -> BackendUrl {
    text.parse().unwrap()
}

fn refused(text: &str) -> String {
    let text = text.parse::<BackendUrl>().unwrap_err().to_string();
    text.strip_prefix("configuration: read backend URL: ").unwrap().to_owned()
}

fn hosts(text: &str) -> Vec<(String, Option<u16>)> {
    parse(text).hosts().iter().map(|host| (host.name().to_owned(), host.port())).collect()
}

#[test]
fn all_parts_are_found() {
    let url = parse("Postgres://app:secret@db:5432/shop?schema=cache&pool=8");
    assert_eq!(url.scheme(), "postgres");
    assert_eq!(url.user(), Some("app"));
    assert_eq!(url.password().unwrap().expose(), "secret");
    assert_eq!((url.path(), url.database()), ("/shop", Some("shop")));
    assert_eq!(url.text("schema"), Some("cache"));
    assert_eq!(url.number::<u16>("pool").unwrap(), Some(8));
    assert_eq!(url.text("other"), None);
}

#[test]
fn all_parts_but_the_scheme_may_be_missing() {
    for text in ["memory:", "memory://", "memory://?"] {
        let url = parse(text);
        assert!(url.hosts().is_empty() && url.user().is_none() && url.password().is_none());
        assert_eq!((url.path(), url.database()), ("", None));
    }
    assert_eq!(parse("redis://cache/").database(), None);
    assert_eq!(parse("sqlite:cache.db").database(), Some("cache.db"));
    assert_eq!(parse("sqlite:///var/cache.db").path(), "/var/cache.db");
    let only_password = parse("redis://:secret@cache");
    assert_eq!((only_password.user(), only_password.password().is_some()), (None, true));
}

#[test]
fn there_may_be_several_hosts() {
    assert_eq!(
        hosts("redis://a:1,b,c:65535/0"),
        [("a".to_owned(), Some(1)), ("b".to_owned(), None), ("c".to_owned(), Some(65_535)),]
    );
    assert_eq!(
        hosts("redis://u@[::1]:6379,[fe80::1]"),
        [("::1".to_owned(), Some(6379)), ("fe80::1".to_owned(), None),]
    );
    let printed: Vec<_> =
        parse("redis://a:1,[::1]:2,[::1]").hosts().iter().map(ToString::to_string).collect();
    assert_eq!(printed, ["a:1", "[::1]:2", "[::1]"]);
    assert_eq!(hosts("postgres://%2Frun%2Fpg/shop"), [("/run/pg".to_owned(), None)]);
}

#[test]
fn escapes_are_undone_in_every_part() {
    let url = parse("redis://us%40er:p%3A%2F%3f%23%25@h/a%20b?name=a%26b+c&empty=");
    assert_eq!(url.user(), Some("us@er"));
    assert_eq!(url.password().unwrap().expose(), "p:/?#%");
    assert_eq!(url.path(), "/a b");
    assert_eq!(url.text("name"), Some("a&b+c"));
    assert_eq!(url.text("empty"), Some(""));
    assert_eq!(url, parse("REDIS://us%40e%72:p%3A%2F%3f%23%25@h/a%20b?name=a%26b+c&empty"));
    assert_ne!(url, parse("redis://us%40er:other@h/a%20b?name=a%26b+c&empty"));
}

#[test]
fn what_is_no_url_is_said_without_repeating_it() {
    const NO_URL: &str =
        "this is no URL; write scheme://host:port/path?parameter=value, such as redis://cache:6379";
    const PORT: &str = "a port is a number from 1 to 65535; \
                        in a user or password write : / ? # @ % as %3A %2F %3F %23 %40 %25";
    const BRACKET: &str =
        "an IPv6 address stands in brackets, and after them only a port: [::1]:6379";
    const ESCAPE: &str = "a % is not followed by two hexadecimal digits; write a % as %25";
    const NAME: &str = "a parameter's name has letters, digits, . _ - only, such as in \
                        ?capacity=64MiB; in a user or password write ? & = as %3F %26 %3D";
    const SPACE: &str = "a URL has no spaces and no control characters; write a space as %20";
    const AT: &str = "there is an @ after the host; in a user or password write / ? as %2F %3F, \
                      and an @ elsewhere as %40";
    let long = format!("redis://{}", "h".repeat(4096));
    let cases = [
        ("", NO_URL),
        ("secret", NO_URL),
        ("://secret", NO_URL),
        ("5://secret", NO_URL),
        ("se cret", SPACE),
        ("redis://h#secret", "a backend's URL has no fragment; write a # as %23"),
        ("redis://h:secret", PORT),
        ("redis://h:0", PORT),
        ("redis://h:65536", PORT),
        ("redis://h:", PORT),
        ("redis://u:sec/ret@h", AT),
        ("redis://u:12/ret@h", AT),
        ("redis://u:12?ret@h", AT),
        ("redis://::1", BRACKET),
        ("redis://[::1", BRACKET),
        ("redis://[::1]secret", BRACKET),
        ("redis://[]", "a host is empty or has control characters"),
        ("redis://a%0ab", "a host is empty or has control characters"),
        ("redis://a,,b", "a host is empty or has control characters"),
        ("redis://u:secret@", "a user without a host; write scheme://user:password@host"),
        ("redis://u:100%secret@h", ESCAPE),
        ("redis://u:secret%@h", ESCAPE),
        ("redis://u:%+1@h", ESCAPE),
        ("redis://u:%ff@h", "what is escaped with % is not UTF-8"),
        ("redis://h?=secret", NAME),
        ("redis://h?sec%20ret", NAME),
        ("redis://h?a=1&a=2", "a parameter is given twice"),
        (long.as_str(), "a URL has at most 4096 bytes"),
    ];
    for (text, expected) in cases {
        assert_eq!(refused(text), expected, "{text}");
    }
}

#[test]
fn parameters_have_types_and_their_errors_name_them_without_their_value() {
    let url = parse("redis://h?wait=100ms&room=64MiB&tls=true&pool=secret");
    assert_eq!(url.duration("wait").unwrap(), Some(millis(100)));
    assert_eq!(url.size("room").unwrap(), Some(megabytes(64)));
    assert_eq!(url.flag("tls").unwrap(), Some(true));
    assert_eq!(url.flag("nothing").unwrap(), None);
    let errors = [
        (url.number::<u16>("pool").unwrap_err(), "a number in its range, such as 8"),
        (url.duration("pool").unwrap_err(), "a duration with its unit, such as \"100ms\""),
        (url.size("pool").unwrap_err(), "a size such as 64MiB"),
        (url.flag("pool").unwrap_err(), "one of true, false"),
    ];
    for (error, expected) in errors {
        let text =
            format!("configuration: connect backend: the parameter `pool` is not {expected}");
        assert_eq!(error.to_string(), text);
    }
}

#[test]
fn a_parameter_that_nobody_asked_for_is_an_error_with_those_there_are() {
    let url = parse("redis://h?pool=8&timout=1s");
    assert_eq!(
        url.finish().unwrap_err().to_string(),
        "configuration: connect backend: unknown parameter `pool`. redis has none"
    );
    url.text("pool");
    url.text("timeout");
    assert_eq!(
        url.finish().unwrap_err().to_string(),
        "configuration: connect backend: unknown parameter `timout`, did you mean `timeout`? \
         Those of redis are pool, timeout"
    );
    url.text("timout");
    let unasked = url.clone();
    assert!(unasked.finish().is_err(), "a clone was asked before");
    url.finish().unwrap();
}

#[test]
fn a_driver_is_handed_what_nobody_asked_for_as_it_was_written() {
    let url = parse("postgres://app:s%40@db/shop?schema=cache&sslmode=require&x=%41");
    assert_eq!(url.text("schema"), Some("cache"));
    let driver = url.for_driver();
    assert_eq!(driver.expose(), "postgres://app:s%40@db/shop?sslmode=require&x=%41");
    url.finish().unwrap();
    assert_eq!(parse("sqlite:x.db?a=1").for_driver().expose(), "sqlite:x.db?a=1");
    assert_eq!(url.for_driver().expose(), "postgres://app:s%40@db/shop");
}
