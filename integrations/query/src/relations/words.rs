//! The names in a text that is not understood.

use super::{Body, Relations};
use crate::Dialect;
use crate::lexical::words;

/// What a text may touch.
#[derive(Debug, Default)]
pub(super) struct Touched {
    pub(super) relations: Vec<usize>,
    /// Statements may be put together at run time, or the text is not to be read.
    pub(super) anything: bool,
}

impl Relations {
    /// All that `body` names, and what the functions and procedures name that it may call.
    pub(super) fn touched(&self, body: &Body) -> Touched {
        let mut touched = Touched::default();
        let (mut open, mut called) = (vec![body], vec![false; self.routines.len()]);
        while let Some(body) = open.pop() {
            let Body::Text(text) = body else {
                touched.anything = true;
                continue;
            };
            for word in words(text, self.analyzer.dialect()) {
                touched.anything |= self.runs_text(&word);
                touched.relations.extend(self.by_name.get(&*word).into_iter().flatten());
                for at in self.routines_by_name.get(&*word).into_iter().flatten() {
                    if !std::mem::replace(&mut called[*at], true) {
                        open.push(&self.routines[*at].body);
                    }
                }
            }
        }
        touched.relations.sort_unstable();
        touched.relations.dedup();
        touched
    }

    /// Whether a word says that a text is run as a statement. SQLite has nothing of the kind.
    fn runs_text(&self, word: &str) -> bool {
        const WORDS: [&str; 3] = ["execute", "prepare", "dblink_exec"];
        self.analyzer.dialect() != Dialect::Sqlite && WORDS.contains(&word)
    }
}
