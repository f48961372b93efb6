//! Registers: versions on the server.

use std::time::Duration;

use bytes::Bytes;
use dogpile::backend::{Stamp, TagVersion};
use redis::Value;

use crate::backend::Store;
use crate::client::{Client, Command};
use crate::error::{Done, Failure};
use crate::keys::{Key, Keys};
use crate::scripts;

/// How many bytes a version has.
const TOKEN: usize = 16;
/// How many a writer has, and when it ends.
const WRITER: usize = 32;

/// What is in a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Register {
    /// Nothing, or what nobody of ours wrote.
    Absent,
    Version(TagVersion),
    Tainted,
}

impl Register {
    /// Reads a register: a version, and the writers that taint it.
    ///
    /// Of several writers some may have ended: the scripts see to those. The key itself ends with the
    /// last of them.
    pub(crate) fn read(bytes: Option<&[u8]>) -> Self {
        let Some((version, writers)) = bytes.and_then(<[u8]>::split_first_chunk::<TOKEN>) else {
            return Self::Absent;
        };
        match writers.len() {
            0 => Self::Version(TagVersion(u128::from_be_bytes(*version))),
            length if length % WRITER == 0 => Self::Tainted,
            _ => Self::Absent,
        }
    }

    pub(crate) const fn version(self) -> Option<TagVersion> {
        match self {
            Self::Version(version) => Some(version),
            Self::Absent | Self::Tainted => None,
        }
    }
}

/// The string that was read, if there is one. A value of another type is none of ours.
pub(crate) fn string(value: Value) -> Done<Option<Bytes>> {
    match value {
        Value::Nil => Ok(None),
        Value::BulkString(bytes) => Ok(Some(bytes.into())),
        Value::ServerError(error) if error.code() == "WRONGTYPE" => Ok(None),
        Value::ServerError(error) => Err(Failure::answered(&error)),
        _ => Err(Failure::unexpected()),
    }
}

/// Whether the answer of a script is 1, and not 0.
pub(crate) fn is_one(value: &Value) -> Done<bool> {
    match value {
        Value::Int(number) => Ok(*number == 1),
        Value::ServerError(error) => Err(Failure::answered(error)),
        _ => Err(Failure::unexpected()),
    }
}

/// Whether all of them are 1; the first error if there is one.
pub(crate) fn are_one(values: &[Value]) -> Done<bool> {
    values.iter().try_fold(true, |all, value| Ok(is_one(value)? && all))
}

/// Gives registers without a version the one proposed; returns those that hold.
pub(crate) async fn create(
    client: &Client,
    keys: &Keys,
    stamps: &[Stamp<'_>],
    life: Duration,
) -> Done<Vec<Option<TagVersion>>> {
    let create = |stamp: &Stamp<'_>| {
        let command = Command::script(&scripts::CREATE, &[keys.register(stamp.register)]);
        command.life(life).version(stamp.version).shows_register()
    };
    let answers = client.run(stamps.iter().map(create).collect()).await?;
    let holds = answers.into_iter().map(|answer| match answer {
        Value::BulkString(bytes) => Ok(Register::read(Some(&bytes)).version()),
        Value::ServerError(error) => Err(Failure::answered(&error)),
        _ => Err(Failure::unexpected()),
    });
    holds.collect()
}

/// Gives each register its new version; writers that are in it stay in it.
pub(crate) async fn bump(store: &Store, stamps: &[Stamp<'_>], life: Duration) -> Done<()> {
    let bump = |stamp: &Stamp<'_>| {
        let command = Command::script(&scripts::BUMP, &[store.keys.register(stamp.register)]);
        command.life(life).version(stamp.version)
    };
    acknowledged(&store.run_and_tell(stamps.iter().map(bump).collect(), stamps).await?)
}

/// Lets a register live for at least `life` from now, if it has a version.
pub(crate) fn extend(register: Key<'_>, life: Duration) -> Command {
    Command::script(&scripts::EXTEND, &[register]).life(life)
}

/// Whether the server has done all of it.
pub(crate) fn acknowledged(answers: &[Value]) -> Done<()> {
    if are_one(answers)? { Ok(()) } else { Err(Failure::unexpected()) }
}

#[cfg(test)]
mod tests {
    use dogpile::backend::TagVersion;

    use super::Register;

    #[test]
    fn registers_are_read_and_garbage_is_absent() {
        let version = 0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10_u128;
        let mut bytes = version.to_be_bytes().to_vec();
        assert_eq!(Register::read(Some(&bytes)), Register::Version(TagVersion(version)));
        for length in 17..100 {
            bytes.resize(length, 7);
            let expected = if length % 32 == 16 { Register::Tainted } else { Register::Absent };
            assert_eq!(Register::read(Some(&bytes)), expected, "{length} bytes");
        }
        assert_eq!(Register::read(Some(&bytes[..15])), Register::Absent);
        assert_eq!(Register::read(Some(b"")), Register::Absent);
        assert_eq!(Register::read(None), Register::Absent);
    }
}
