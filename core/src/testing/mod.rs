//! The conformance suite that a backend is held against.
