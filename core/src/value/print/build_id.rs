//! Which build this is.

use std::fs::File;
use std::io::{self, Read};
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

/// The SHA-256 of the file that this code was loaded from; where it cannot be read, a random value,
/// so that what depends on it is cold in every process.
pub(super) fn get() -> [u8; 32] {
    static ID: OnceLock<[u8; 32]> = OnceLock::new();
    *ID.get_or_init(|| own_file().and_then(|file| hash(file).ok()).unwrap_or_else(rand::random))
}

fn hash(mut file: impl Read) -> io::Result<[u8; 32]> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hasher.finalize().into()),
            read => hasher.update(&buffer[..read]),
        }
    }
}

/// The file that this very code is in: a program, or a library that a program has loaded.
///
/// Not by its path where that can be helped: a deploy may have put the next build there already.
#[cfg(target_os = "linux")]
fn own_file() -> Option<File> {
    const PROGRAM: &str = "/proc/self/exe";
    let ours =
        mapped_at(&std::fs::read_to_string("/proc/self/maps").ok()?, get as *const () as usize)?;
    let program = std::fs::read_link(PROGRAM).ok()?;
    if program.as_os_str() == ours.as_str() {
        return File::open(PROGRAM).ok();
    }
    // The kernel marks what has been replaced, and then it cannot be opened under this name.
    File::open(ours).ok()
}

#[cfg(not(target_os = "linux"))]
fn own_file() -> Option<File> {
    File::open(std::env::current_exe().ok()?).ok()
}

/// The path of the file mapped at `address`, by the table that the kernel shows.
#[cfg(target_os = "linux")]
fn mapped_at(maps: &str, address: usize) -> Option<String> {
    maps.lines().find_map(|line| {
        let (range, rest) = line.split_once(' ')?;
        let (from, to) = range.split_once('-')?;
        let inside = (usize::from_str_radix(from, 16).ok()?..usize::from_str_radix(to, 16).ok()?)
            .contains(&address);
        let path = rest.find('/').map(|start| rest[start..].to_owned());
        if inside { path } else { None }
    })
}

#[cfg(test)]
mod tests {
    use super::{get, hash};

    #[test]
    fn the_build_is_the_program_that_runs() {
        let program = std::fs::File::open(std::env::current_exe().unwrap()).unwrap();
        assert_eq!(get(), hash(program).unwrap());
        assert_eq!(get(), get());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn code_in_a_library_is_the_librarys_build() {
        let maps = "\
            1000-2000 r-xp 00000000 fd:01 77   /usr/bin/host\n\
            2000-3000 rw-p 00000000 00:00 0 \n\
            3000-4000 r-xp 00001000 fd:01 78   /srv/an app/plugin.so (deleted)\n";
        let at = |address| super::mapped_at(maps, address);
        assert_eq!(at(0x1fff).as_deref(), Some("/usr/bin/host"));
        assert_eq!(at(0x2000), None);
        assert_eq!(at(0x3000).as_deref(), Some("/srv/an app/plugin.so (deleted)"));
        assert_eq!(at(0x4000), None);
    }
}
