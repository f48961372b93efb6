//! The tag protocol, searched through: every interleaving of a few readers and writers.
//!
//! A model is a small state and the steps that lead out of it. Any actor may take its next step at
//! any time, so the search meets every schedule, and with it every crash: an actor that crashed is
//! one that never moves again. What is found is a *step* that breaks a property, together with a
//! shortest way there.
//!
//! # What is modelled
//!
//! | model | who moves | what it is about |
//! |---|---|---|
//! | tags (this folder) | readers, writers, the store | I1 and I2: observe, query, store, bump; eviction, FLUSH, soft and hard, the journal, creates that arrive twice |
//! | `cells` | readers, writers, the cap | I1 and I2 in process: versions in shared cells that a cap removes |
//! | `flights` | readers, writers, dropped leaders, expiring leases | I3 and I4: who may share whose load |
//! | `taints` | readers, writers that die | the `Fenced` level: nothing old even between COMMIT and bump |
//! | `tokens` | readers, writers, folding | the `Transactional` level: versions and rows become visible at one instant |
//!
//! Each has a `Design`: ours, and wrong ones that differ from ours in one answer. The tests demand
//! that ours breaks nothing and that each wrong one *does* break something, with everything else
//! left right: a mutant is caught for its own mistake or not at all. Where a mutant needs an
//! accident (an eviction, a clock that lags), a second check shows that it looks right without.
//!
//! # What "stale" means
//!
//! A database value is the set of commits that it shows, and a lookup remembers which writers were
//! acknowledged when it began. A served value breaks the strict form of I1 if its query began
//! before the bump of one of those *took effect*, and the harm form if it misses one's commit. The
//! strict form counts from the bump, not from its answer: a reader that observes between the two
//! has the new version and the new rows. Between COMMIT and the bump nothing is promised, except
//! by taints.
//!
//! # Why the scope is enough, and what is left out
//!
//! One reader to store something old, one to re-create a lost version, one to be served: three.
//! Two writers, because one may undo what the other did. An entry with several tags is valid if
//! each of them is, so one hard tag stands for many. A fresh token is the smallest that nobody in
//! the state remembers, and equal readers may be swapped: both only merge states that cannot be
//! told apart. Time to live is left out (an entry that expires is a miss), and so is a store that
//! answers with an older register than it acknowledged: that is a failover, the epoch's business.
//!
//! States per search of our own design; any test takes a second or two in a debug build:
//!
//! | search | states |
//! |---|---|
//! | 2 readers, 1 writer, an eviction, without and with FLUSH; each x {reads together or apart, soft register read, re-read at store} | 16 searches, 104,000 |
//! | the same options, 2 writers, without and with an eviction | 16 searches, 326,000 |
//! | the same options, 2 keys, 3 readers, 1 writer | 8 searches, 174,000 |
//! | 3 readers, 1 writer, reads apart, an eviction; the same with 2 keys | 23,000; 39,000 |
//! | 3 readers, 2 writers; the same with an eviction | 47,000; 226,000 |
//! | 3 readers, 1 writer, 2 evictions, FLUSH | 73,000 |
//! | a hard and a soft writer: 3 readers; 2 readers, reads apart, an eviction | 89,000; 104,000 |
//! | the journal replays bumps of 2 writers: 3 readers; 2 readers and an eviction | 157,000; 44,000 |
//! | cells, 3 readers: 1 writer and 2 removals; 2 writers and 1 removal | 26,000; 269,000 |
//! | flights, 3 readers, 1 writer, a drop, an expiry: 1, 2 and 3 processes | 47,000; 77,000; 97,000 |
//! | flights, 2 readers, 2 writers, a drop, an expiry, 1 process | 56,000 |
//! | taints, 3 readers, 2 writers that may both die, be late, or fail to unmark | 157,000 |
//! | tokens, 3 readers, 2 writers, folding: a bump by hand; 1 and 2 losses of the register | 38,000; 56,000; 154,000 |
//!
//! # How to read a trace
//!
//! `R0 misses; R0 starts query; W0 commits; ...; R1 hits` is one schedule: `R` is a reader, `W` a
//! writer, `store` what befalls the backend, and the last step is the one that broke something.
//! The traces in the tests are shortest ones. When a change of the model changes one, read the new
//! trace before accepting it: it should still be the story that the test's name tells.

mod cells;
mod design;
mod flights;
mod fold;
mod load;
mod lookup;
mod properties;
mod readers;
mod scope;
mod search;
mod state;
mod step;
mod store;
mod taints;
mod tests;
mod tokens;
mod writers;
