//! Names within the limits of a backend.

use super::Sha256Hasher;
use crate::backend::Capabilities;

/// The length of a hash as a name: a mark of two bytes and 32 hex digits.
const HASH: usize = 34;

impl Capabilities {
    /// The name as the backend takes it: as it is if it keeps to [`max_name`](Self::max_name) and
    /// [`any_name`](Self::any_name), else its SHA-256.
    ///
    /// What stands before the first `:`, a region's name or a prefix, is kept where that is
    /// possible, so that a hashed name still tells whose it is. A backend that takes less than 34
    /// bytes gets as much of the hash as it takes.
    ///
    /// ```
    /// use dogpile::backend::Capabilities;
    ///
    /// let memcached = Capabilities::new().max_name(250).any_name(false);
    /// assert_eq!(memcached.fit("shop:seven".into()), "shop:seven");
    /// let fitted = memcached.fit("shop:käse".into());
    /// assert_eq!(fitted, "shop:#H7a070e924303b7992953413c05eefadd");
    /// ```
    #[must_use]
    pub fn fit(&self, mut name: String) -> String {
        self.fit_end(&mut name, 0);
        name
    }

    /// The same for a name that is the end of a text, from a byte on.
    pub(crate) fn fit_end(&self, text: &mut String, from: usize) {
        let name = &text[from..];
        if self.takes(name) {
            return;
        }
        let fitted = self.hashed(name);
        text.truncate(from);
        text.push_str(&fitted);
    }

    fn hashed(&self, name: &str) -> String {
        let hash = format!("#H{}", Sha256Hasher::digest(name.as_bytes()));
        let owner = name.split_inclusive(':').next().unwrap_or_default();
        let room = self.max_name.unwrap_or(usize::MAX);
        if owner.ends_with(':') && self.takes(owner) && owner.len().saturating_add(HASH) <= room {
            return format!("{owner}{hash}");
        }
        hash.get(..room).map_or_else(|| hash.clone(), str::to_owned)
    }

    fn takes(&self, name: &str) -> bool {
        self.max_name.is_none_or(|limit| name.len() <= limit)
            && (self.any_name || name.bytes().all(|byte| byte.is_ascii_graphic()))
    }
}

#[cfg(test)]
mod tests {
    use super::Capabilities;

    #[test]
    fn a_name_that_fits_stays_as_it_is() {
        let any = Capabilities::new();
        assert_eq!(any.fit("a b\u{e9}\n".into()), "a b\u{e9}\n");
        assert_eq!(any.max_name(3).fit("abc".into()), "abc");
    }

    #[test]
    fn a_name_that_is_too_long_keeps_its_owner_where_there_is_room() {
        let long = format!("shop:{}", "x".repeat(300));
        let fitted = Capabilities::new().max_name(250).fit(long.clone());
        assert!(fitted.starts_with("shop:#H"));
        assert_eq!(fitted.len(), 5 + 34);
        let other = Capabilities::new().max_name(250).fit(format!("{long}x"));
        assert_ne!(fitted, other);
        assert_eq!(Capabilities::new().max_name(38).fit(long.clone()).len(), 34, "no room");
        assert_eq!(Capabilities::new().max_name(20).fit(long).len(), 20);
    }

    #[test]
    fn characters_that_are_not_taken_are_hashed_away() {
        let visible = Capabilities::new().any_name(false);
        for name in ["a b", "a\tb", "a\u{7f}", "shop:\u{e9}", "sh p:x", "\u{e9}:x"] {
            let fitted = visible.fit(name.into());
            assert!(fitted.bytes().all(|byte| byte.is_ascii_graphic()), "{fitted}");
            assert_eq!(fitted.starts_with("shop:"), name.starts_with("shop:"));
        }
    }
}
