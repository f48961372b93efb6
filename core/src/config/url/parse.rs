//! From a text to the parts of a URL.
//!
//! No error repeats anything of the text: a password with a character that should have been
//! escaped may stand anywhere in it.

use super::parameters::Parameters;
use super::{BackendUrl, Host, Secret};

/// No URL is longer than this, in bytes.
const LONGEST: usize = 4096;

/// The parts of `text`; an error says what is wrong with it.
pub(super) fn parse(text: &str) -> Result<BackendUrl, &'static str> {
    refuse_at_sight(text)?;
    let (base, query) = text.split_once('?').unwrap_or((text, ""));
    let (scheme, rest) = base.split_once(':').filter(|(name, _)| is_scheme(name)).ok_or(
        "this is no URL; write scheme://host:port/path?parameter=value, such as redis://cache:6379",
    )?;
    let (authority, path) = match rest.strip_prefix("//") {
        Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
        None => ("", rest),
    };
    if path.contains('@') || query.contains('@') {
        return Err("there is an @ after the host; in a user or password write / ? as %2F %3F, \
                    and an @ elsewhere as %40");
    }
    let (user, password, hosts) = split(authority)?;
    let scheme = scheme.to_ascii_lowercase();
    let slashes = if rest.starts_with("//") { "//" } else { "" };
    let hidden = if user.is_some() || password.is_some() { "***@" } else { "" };
    Ok(BackendUrl {
        shown: format!("{scheme}:{slashes}{hidden}{hosts}{path}"),
        scheme,
        user: user.map(decoded).transpose()?,
        password: password.map(decoded).transpose()?.map(Secret::new),
        hosts: each(hosts).map(Host::parse).collect::<Result<_, _>>()?,
        path: decoded(path)?,
        parameters: Parameters::parse(query)?,
        base: Secret::new(base.to_owned()),
    })
}

fn refuse_at_sight(text: &str) -> Result<(), &'static str> {
    if text.len() > LONGEST {
        return Err("a URL has at most 4096 bytes");
    }
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("a URL has no spaces and no control characters; write a space as %20");
    }
    if text.contains('#') {
        return Err("a backend's URL has no fragment; write a # as %23");
    }
    Ok(())
}

fn is_scheme(name: &str) -> bool {
    name.len() <= 32
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

/// User, password and hosts.
type Authority<'a> = (Option<&'a str>, Option<&'a str>, &'a str);

fn split(authority: &str) -> Result<Authority<'_>, &'static str> {
    let Some((user, hosts)) = authority.rsplit_once('@') else {
        return Ok((None, None, authority));
    };
    if hosts.is_empty() {
        return Err("a user without a host; write scheme://user:password@host");
    }
    let (user, password) = match user.split_once(':') {
        Some((user, password)) => (user, Some(password)),
        None => (user, None),
    };
    Ok((Some(user).filter(|user| !user.is_empty()), password, hosts))
}

fn each(hosts: &str) -> impl Iterator<Item = &str> {
    hosts.split(',').filter(|_| !hosts.is_empty())
}

/// `text` with its escapes undone. A broken escape is an error: a lone `%` is a password that was
/// not escaped, and what follows it may look like an escape by chance.
pub(super) fn decoded(text: &str) -> Result<String, &'static str> {
    const BROKEN: &str = "a % is not followed by two hexadecimal digits; write a % as %25";
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let (digits, after) = rest.split_first_chunk::<2>().ok_or(BROKEN)?;
        let digits = str::from_utf8(digits).ok().filter(|digits| !digits.starts_with('+'));
        bytes.push(digits.and_then(|hex| u8::from_str_radix(hex, 16).ok()).ok_or(BROKEN)?);
        rest = after;
    }
    String::from_utf8(bytes).map_err(|_| "what is escaped with % is not UTF-8")
}
