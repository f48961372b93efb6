//! Cached queries in a region that has a backend: several processes, one set of entries.

mod cells;
