//! Codecs: how a value becomes bytes.
