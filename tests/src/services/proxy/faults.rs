//! What can go wrong.

use std::time::Duration;

/// What goes wrong between clients and the server. `Faults::default()` is a good network.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Faults {
    /// How long each chunk from a client waits before it is passed on. Chunks wait one after the
    /// other. Default: zero.
    pub request_delay: Duration,
    /// The same for each chunk from the server. Default: zero.
    pub reply_delay: Duration,
    /// How many bytes from the server a connection passes on, counted from its beginning; with the
    /// last of them it is cut, and with 0 at the first one. Default: none, no end.
    pub cut_after: Option<u64>,
    /// Whether everything is swallowed, closing included: connections are accepted and stay open,
    /// and nothing comes out at the other end. Default: false.
    pub black_hole: bool,
    /// Whether new connections are refused. Those that are open when this is set are cut.
    /// Default: false.
    pub refuse: bool,
    /// Whether clients see the end of the stream at once, and may still write to the server; what
    /// it answers is lost. Default: false.
    pub half_close: bool,
}

/// What a connection looks at.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Weather {
    /// The faults of now.
    pub(super) faults: Faults,
    /// How often all connections were cut. A connection lives while this is what it was when it
    /// was accepted.
    pub(super) cuts: u64,
    /// The same of how often all were stranded.
    pub(super) strandings: u64,
    /// The same of how often all were half-closed.
    pub(super) half_closings: u64,
}
