//! The digest of a statement's text: what stands for the text in a key, hashed once.

use std::sync::OnceLock;

use dogpile::{Digest, DigestHasher};

use crate::Analysis;

/// Both forms, each worked out when it is first asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct TextDigest {
    process: OnceLock<Digest>,
    stable: OnceLock<Digest>,
}

impl Analysis {
    /// The digest of the text without the comments that hold a hint; `sql` is the text that was
    /// analysed. It is `stable` where other processes must make the same of the same text.
    pub fn text_digest(&self, sql: &str, stable: bool) -> Digest {
        let text = self.sql_without_hint().unwrap_or(sql).as_bytes();
        let digest = |mut hasher: DigestHasher| {
            hasher.write(text);
            hasher.finish()
        };
        match stable {
            false => *self.text.process.get_or_init(|| digest(DigestHasher::default())),
            true => *self.text.stable.get_or_init(|| digest(DigestHasher::stable())),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Analyzer, Dialect};

    #[test]
    fn texts_have_digests_of_their_own_and_hints_none() {
        let analyzer = Analyzer::new(Dialect::Sqlite);
        for stable in [false, true] {
            let digest = |sql: &str| analyzer.analyze(sql).text_digest(sql, stable);
            assert_eq!(digest("SELECT a FROM t"), digest("SELECT a FROM t"));
            assert_ne!(digest("SELECT a FROM t"), digest("SELECT b FROM t"));
            assert_eq!(digest("SELECT a FROM t"), digest("/* dogpile: on */SELECT a FROM t"));
        }
        let sql = "SELECT a FROM t";
        let analysis = analyzer.analyze(sql);
        assert_ne!(analysis.text_digest(sql, false), analysis.text_digest(sql, true));
    }
}
