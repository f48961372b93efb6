//! What is logged, as text.

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Metadata, Subscriber};

/// Events of this thread, as long as it lives.
pub(crate) struct Log {
    lines: Arc<Mutex<Vec<(&'static str, String)>>>,
    _guard: DefaultGuard,
}

struct Recorder(Arc<Mutex<Vec<(&'static str, String)>>>);

impl Log {
    pub(crate) fn install() -> Self {
        let lines = Arc::default();
        let guard = tracing::subscriber::set_default(Recorder(Arc::clone(&lines)));
        Self { lines, _guard: guard }
    }

    /// What was said under targets that begin so.
    pub(crate) fn said(&self, target: &str) -> String {
        let lines = self.lines.lock().unwrap();
        let of_target = lines.iter().filter(|(it, _)| it.starts_with(target));
        of_target.map(|(_, line)| line.as_str()).collect::<Vec<_>>().join("\n")
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event()
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().unwrap().push((event.metadata().target(), line.0));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, "{field}={value:?} ");
    }
}
