//! Entries, byte for byte.

use bytes::Bytes;
use rand::rngs::SmallRng;
use rand::{RngCore, SeedableRng};

use super::super::outcome::{Outcome, ensure, requires};
use super::super::subject::Subject;
use crate::backend::{Backend, BackendExt, Put, Stored};
use crate::units::megabytes;

/// Bytes that do not shrink.
fn noise(length: usize) -> Bytes {
    let mut bytes = vec![0; length];
    SmallRng::seed_from_u64(7).fill_bytes(&mut bytes);
    bytes.into()
}

fn samples(largest: usize) -> impl Iterator<Item = Bytes> {
    let every = |length: usize| (0..=u8::MAX).cycle().take(length).collect::<Vec<_>>().into();
    let traps: [&[u8]; 8] =
        [b"\0", b"a\0", b"\0a", b"\r\n", b"END\r\n", b"$-1\r\n", b"\xff\xfe", b" trailing "];
    let lengths = (0..=300).chain([1_000, 65_535, 65_536, 100_000]).map(every);
    let texts = traps.into_iter().map(Bytes::from_static);
    lengths.chain(texts).chain([noise(5_000)]).filter(move |bytes: &Bytes| bytes.len() <= largest)
}

fn largest(subject: &Subject) -> usize {
    let largest = subject.capabilities().max_entry.unwrap_or(u64::MAX);
    usize::try_from(largest).unwrap_or(usize::MAX)
}

pub(super) async fn entries_come_back_byte_for_byte(subject: Subject) -> Outcome {
    subject.keeps()?;
    for (n, bytes) in samples(largest(&subject)).enumerate() {
        // Under a name of its own and under one that is used again and again.
        for key in [subject.name(&format!("k{n}")), subject.name("same")] {
            subject.put(&key, bytes.clone()).await?;
            let found = subject.entry(&key).await?;
            let length = found.as_ref().map(Bytes::len);
            ensure!(
                found.as_ref() == Some(&bytes),
                "an entry of {} bytes came back as another one, of {length:?}",
                bytes.len()
            );
        }
    }
    Ok(())
}

pub(super) async fn the_largest_entry_fits_and_no_larger_one_is_cut(subject: Subject) -> Outcome {
    subject.keeps()?;
    let max_entry = subject.capabilities().max_entry;
    requires!(max_entry.is_some(), "the backend names no largest entry");
    requires!(max_entry <= Some(megabytes(64)), "the largest entry is larger than 64 MiB");
    // Under the longest name, in case the backend counts names as well.
    let (key, other) = (&subject.longest_name("k")?, &subject.name("other"));
    let full = noise(largest(&subject));
    subject.put(key, full.clone()).await?;
    ensure!(subject.entry(key).await? == Some(full.clone()), "the largest entry is not found");
    // By one byte, and by so much that no allowance for names or for upkeep makes room for it.
    for length in [full.len() + 1, 2 * full.len() + 10_000] {
        too_large(&subject, [key, other], noise(length)).await?;
    }
    let smaller = subject.backend.put(key, "after", Subject::LIFE).await?;
    ensure!(smaller == Stored::Yes, "after a refused store: {smaller:?}");
    Ok(())
}

async fn too_large(subject: &Subject, [key, other]: [&str; 2], bytes: Bytes) -> Outcome {
    subject.put(key, "before").await?;
    let put = |key, bytes| Put { key, bytes, life: Subject::LIFE, fence: None };
    let puts = [put(key, bytes.clone()), put(other, "beside".into())];
    let stored = subject.store(&puts, &[]).await?;
    let found = subject.entry(key).await?;
    match stored[0] {
        // More than it promised is fine, if it is all there.
        Stored::Yes => ensure!(found == Some(bytes), "an entry that is too large was cut"),
        Stored::TooLarge => ensure!(
            found.is_none_or(|found| found == b"before"[..]),
            "an entry that was refused as too large is there in parts"
        ),
        Stored::Fenced => ensure!(false, "a store without a fence was fenced"),
    }
    ensure!(stored[1] == Stored::Yes, "the entry beside one that is too large: {:?}", stored[1]);
    let beside = subject.entry(other).await?;
    ensure!(beside.as_deref() == Some(b"beside"), "the entry beside it is not found");
    subject.backend.remove(&[other]).await?;
    Ok(())
}

pub(super) async fn removing_is_idempotent(subject: Subject) -> Outcome {
    let [a, b, c, absent] = &["a", "b", "c", "absent"].map(|name| subject.name(name));
    for key in [a, b, c] {
        subject.put(key, "v").await?;
    }
    subject.backend.remove(&[absent, a, b, a]).await?;
    subject.backend.remove(&[a]).await?;
    let left = subject.read(&[a, b, absent, c], &[]).await?.entries;
    ensure!(left[..3] == [None, None, None], "a removed entry is found");
    if subject.capabilities().keeps {
        ensure!(left[3].is_some(), "an entry was removed with another one");
        subject.put(a, "again").await?;
        let again = subject.entry(a).await?;
        ensure!(again.as_deref() == Some(b"again"), "a removed entry cannot be stored again");
    }
    Ok(())
}
