use std::sync::{Arc, Mutex};

use dogpile::backend::Listener;
use redis::{PushInfo, PushKind, Value};

use super::Ear;

#[derive(Debug, Default)]
struct Noted(Mutex<Vec<String>>);

impl Noted {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    fn note(&self, what: &str) {
        self.0.lock().unwrap().push(what.to_owned());
    }
}

impl Listener for Noted {
    fn begins(&self) {
        self.note("begins");
    }

    fn moved(&self, register: &str) {
        self.note(register);
    }

    fn lost(&self) {
        self.note("lost");
    }
}

struct Case {
    ear: Ear,
    noted: Arc<Noted>,
}

impl Case {
    fn new() -> Self {
        let noted = Arc::new(Noted::default());
        Self { ear: Ear::new(Arc::<Noted>::clone(&noted), String::from("c")), noted }
    }

    /// One that has heard all up to 10.
    fn hearing() -> Self {
        let case = Self::new();
        case.ear.beat(10, None);
        assert_eq!(case.noted.take(), ["begins"]);
        case
    }

    fn comes(&self, channel: &str, message: &[u8]) -> Vec<String> {
        let data = [channel.as_bytes(), message].map(|bytes| Value::BulkString(bytes.into()));
        self.ear.hears(&PushInfo { kind: PushKind::Message, data: data.into() });
        self.noted.take()
    }

    fn message(&self, number: u64) -> Vec<String> {
        self.comes("c", format!("{number} \0\0\0\x01r").as_bytes())
    }

    fn beat(&self, number: u64) -> Vec<String> {
        self.ear.beat(number, self.ear.last());
        self.noted.take()
    }
}

#[test]
fn messages_in_order_are_told_and_nothing_else() {
    let case = Case::hearing();
    assert_eq!(case.message(11), ["r"]);
    assert_eq!(case.beat(11), [""; 0]);
    assert_eq!(case.message(12), ["r"]);
    // One that came while the server was asked.
    case.ear.beat(11, Some(11));
    assert_eq!(case.noted.take(), [""; 0]);
}

#[test]
fn a_number_that_is_missing_or_comes_again_is_a_loss() {
    for number in [0, 9, 10, 12, u64::MAX] {
        let case = Case::hearing();
        assert_eq!(case.message(number), ["lost", "begins", "r"], "{number}");
    }
    let case = Case::hearing();
    case.message(u64::MAX);
    assert_eq!(case.message(0), ["lost", "begins", "r"]);
    assert_eq!(case.message(1), ["r"]);
}

#[test]
fn a_last_message_that_did_not_come_is_a_loss_when_the_server_is_asked() {
    let case = Case::hearing();
    assert_eq!(case.beat(11), ["lost", "begins"]);
    assert_eq!(case.message(12), ["r"]);
    assert_eq!(case.beat(5), ["lost", "begins"], "the server counts anew");
    assert_eq!(case.message(6), ["r"]);
}

#[test]
fn what_comes_before_the_beginning_is_told_and_promises_nothing() {
    let case = Case::new();
    assert_eq!(case.message(3), ["r"]);
    assert_eq!(case.message(9), ["r"]);
    assert_eq!(case.beat(8), ["begins"]);
    assert_eq!(case.message(10), ["r"]);
}

#[test]
fn what_nobody_of_ours_sent_is_ignored_and_a_torn_message_is_a_loss() {
    let case = Case::hearing();
    assert_eq!(case.comes("c", b"hello"), [""; 0]);
    assert_eq!(case.comes("c", b""), [""; 0]);
    assert_eq!(case.comes("other", b"12 \0\0\0\x01r"), [""; 0]);
    let odd = PushInfo { kind: PushKind::Message, data: vec![Value::Nil] };
    case.ear.hears(&odd);
    assert_eq!(case.noted.take(), [""; 0]);
    assert_eq!(case.comes("c", b"11 \0\0\0\x01r\0\0\0\x09s"), ["r", "lost", "begins"]);
    assert_eq!(case.message(12), ["r"]);
}

#[test]
fn the_end_of_the_connection_is_a_loss_once_and_nothing_begins_after_it() {
    let case = Case::hearing();
    let end = PushInfo { kind: PushKind::Disconnection, data: Vec::new() };
    case.ear.hears(&end);
    assert_eq!(case.noted.take(), ["lost"]);
    case.ear.over();
    assert_eq!(case.message(11), [""; 0]);
    assert_eq!(case.beat(12), [""; 0]);
}
