//! The key of a call of a function.

use crate::key::{Key, KeyPart, KeyWriter};

/// What names a function: where it is, and then its own name.
///
/// Its parts are the segments of each, one by one so that names stay readable. The one that ends the
/// path is `<name>()`, which no segment before it can be: no path is the beginning of another.
#[derive(Debug, Clone, Copy)]
pub struct FunctionPath {
    owner: &'static str,
    inside: Option<&'static str>,
    name: &'static str,
}

impl FunctionPath {
    /// The free function called `name` (with `()` at its end), beside which the type called `path`
    /// was declared.
    pub fn free(path: &'static str, name: &'static str) -> Self {
        let owner = path.rsplit_once("::").map_or("", |(module, _)| module);
        Self { owner, inside: None, name }
    }

    /// The function called `name` (with `()`) of the type called `owner`.
    pub const fn method(owner: &'static str, name: &'static str) -> Self {
        Self { owner, inside: None, name }
    }

    /// As [`method`](Self::method), for one that may belong to a trait: inside of it the type called
    /// `inside` was declared.
    pub const fn of_trait(owner: &'static str, inside: &'static str, name: &'static str) -> Self {
        Self { owner, inside: Some(inside), name }
    }
}

impl KeyPart for FunctionPath {
    fn write(&self, writer: &mut KeyWriter) {
        let segments = self.owner.split("::");
        let inside = self.inside.into_iter().flat_map(|path| path.split("::"));
        segments.chain(inside).chain([self.name]).for_each(|segment| segment.write(writer));
    }
}

/// What may stand behind `key = ..`: parts, which go with the function's path, or a whole key.
pub trait FunctionKey {
    /// The key of the call.
    fn of(self, function: impl KeyPart) -> Key;
}

impl<P: KeyPart> FunctionKey for P {
    fn of(self, function: impl KeyPart) -> Key {
        Key::new((function, self))
    }
}

impl FunctionKey for Key {
    fn of(self, _: impl KeyPart) -> Key {
        self
    }
}

/// An argument that is fit for a key: every [`KeyPart`], under a name that says what else to do.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of a key",
    label = "the key is made of this argument",
    note = "implement `dogpile::KeyPart` for it, say what of it is in the key with `key = ..`, or leave \
            it out with `skip(..)` if the value does not depend on it"
)]
pub trait KeyArgument: KeyPart {}

#[diagnostic::do_not_recommend]
impl<P: KeyPart + ?Sized> KeyArgument for P {}

/// The argument itself, once it is known to be fit for a key.
///
/// Its type is forgotten, so that an argument that is not fit is said to be so only once.
pub const fn part<P: KeyArgument>(part: &P) -> &dyn KeyPart {
    part
}

#[cfg(test)]
mod tests {
    use super::{FunctionKey, FunctionPath};
    use crate::{Key, KeyMangler, Readable};

    #[test]
    fn names_of_calls_are_readable() {
        let path = FunctionPath::free("shop::rates::rate", "rate()");
        assert_eq!(Readable.mangle(&("EUR", 7).of(path)), "shop:rates:rate():#(2:EUR:#7");
        assert_eq!(Readable.mangle(&Key::new((path, "EUR", 7))), "shop:rates:rate():EUR:#7");
    }

    #[test]
    fn no_two_functions_share_a_key() {
        let keys = [
            Key::new((FunctionPath::free("a::b::c", "c()"), "x")),
            Key::new((FunctionPath::free("a::b", "b()"), "x")),
            Key::new((FunctionPath::free("a::b", "b()"), "c()", "x")),
            Key::new((FunctionPath::method("a::b", "c()"), "y")),
            Key::new((FunctionPath::method("a::B", "c()"), "x")),
            Key::new((FunctionPath::method("a::B<a::C>", "c()"), "x")),
            "x".of((FunctionPath::free("a::b", "b()"),)),
        ];
        for (i, a) in keys.iter().enumerate() {
            assert!(!keys[i + 1..].contains(a), "{}", Readable.mangle(a));
        }
    }

    #[test]
    fn a_whole_key_is_used_as_it_is() {
        let key = Key::from(("user", 7));
        assert_eq!(key.clone().of(FunctionPath::method("a::B", "c()")), key);
    }
}
