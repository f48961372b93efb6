//! What the versions on one life of a server are masked with.
//!
//! A failover, or a restart from a snapshot, brings back registers from before invalidations that were
//! acknowledged. Whoever made those can deliver them again; nobody else knows of them. So a version is
//! what lies in its register and the life of the server together: after another server has taken over,
//! every version is a new one, for every process, and what was stored before is a miss.

use redis::Value;
use sha2::{Digest, Sha256};

use super::lineage::Life;

/// How many bytes a version has.
const VERSION: usize = 16;

/// The same for all processes that talk to one life of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mask([u8; VERSION]);

impl Mask {
    /// Of a server that would not say: nothing is masked.
    const NONE: Self = Self([0; VERSION]);

    pub(super) fn of(life: Option<&Life>) -> Self {
        let Some(Life { run, history }) = life else { return Self::NONE };
        let digest = Sha256::new().chain_update(run).chain_update([0]).chain_update(history);
        let mut mask = Self::NONE;
        mask.0.iter_mut().zip(digest.finalize()).for_each(|(to, from)| *to = from);
        mask
    }

    /// What lies in a register that shows `version`.
    pub(super) fn on(self, version: u128) -> [u8; VERSION] {
        let mut bytes = version.to_be_bytes();
        self.turn(&mut bytes);
        bytes
    }

    /// Turns what lies in a register into what it shows. What is too short for a version stays.
    pub(super) fn lift(self, register: &mut Value) {
        if let Value::BulkString(bytes) = register
            && let Some((version, _)) = bytes.split_first_chunk_mut()
        {
            self.turn(version);
        }
    }

    fn turn(self, version: &mut [u8; VERSION]) {
        version.iter_mut().zip(self.0).for_each(|(byte, mask)| *byte ^= mask);
    }
}

#[cfg(test)]
mod tests {
    use redis::Value;

    use super::{Life, Mask};

    fn mask(run: &str, history: &str) -> Mask {
        Mask::of(Some(&Life { run: run.to_owned(), history: history.to_owned() }))
    }

    fn shown(mask: Mask, bytes: &[u8]) -> Value {
        let mut value = Value::BulkString(bytes.to_vec());
        mask.lift(&mut value);
        value
    }

    #[test]
    fn a_version_is_shown_as_it_was_given_on_the_same_life_and_on_no_other() {
        let lies = mask("a", "1").on(7);
        let version = Value::BulkString(7_u128.to_be_bytes().to_vec());
        assert_eq!(shown(mask("a", "1"), &lies), version);
        for other in [mask("a", "2"), mask("b", "1"), mask("a1", ""), Mask::of(None)] {
            assert_ne!(shown(other, &lies), version);
        }
        assert_eq!(Mask::of(None).on(7), 7_u128.to_be_bytes());
    }

    #[test]
    fn writers_behind_a_version_and_what_is_no_register_stay_as_they_are() {
        let mask = mask("a", "1");
        let Value::BulkString(shown) = shown(mask, &[5; 48]) else { panic!() };
        assert_ne!(shown[..16], [5; 16]);
        assert_eq!(shown[16..], [5; 32]);
        for other in [Value::Nil, Value::Okay, Value::BulkString(vec![5; 15])] {
            let mut lifted = other.clone();
            mask.lift(&mut lifted);
            assert_eq!(lifted, other);
        }
    }

    /// Processes of different builds share it: it may never change.
    #[test]
    fn the_mask_of_a_life_is_the_same_in_every_build() {
        let mask = u128::from_be_bytes(mask("a", "1").on(0));
        assert_eq!(mask, 0x05a9c569_a185ac60_f5511f97_60bc3f1a);
    }
}
