//! Parts that hold no others.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::{
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroIsize, NonZeroU8,
    NonZeroU16, NonZeroU32, NonZeroU64, NonZeroU128, NonZeroUsize,
};
use std::time::Duration;

use super::{KeyPart, KeyWriter, kind};

impl KeyPart for str {
    fn write(&self, writer: &mut KeyWriter) {
        writer.part(kind::TEXT, self.as_bytes());
    }
}

impl KeyPart for String {
    fn write(&self, writer: &mut KeyWriter) {
        self.as_str().write(writer);
    }
}

impl KeyPart for bool {
    fn write(&self, writer: &mut KeyWriter) {
        writer.part(kind::BOOL, &[u8::from(*self)]);
    }
}

impl KeyPart for char {
    fn write(&self, writer: &mut KeyWriter) {
        writer.part(kind::CHAR, &u32::from(*self).to_le_bytes());
    }
}

macro_rules! integers {
    ($kind:expr, $wide:ty: $($int:ty)*) => {$(
        impl KeyPart for $int {
            /// Integers of one sign are equal across widths: `1_i32` and `1_i64` are one key.
            fn write(&self, writer: &mut KeyWriter) {
                writer.part($kind, &<$wide>::from(*self).to_le_bytes());
            }
        }
    )*};
}

integers!(kind::SIGNED, i128: i8 i16 i32 i64 i128);
integers!(kind::UNSIGNED, u128: u16 u32 u64 u128);

impl KeyPart for u8 {
    /// As the wider integers.
    fn write(&self, writer: &mut KeyWriter) {
        u128::from(*self).write(writer);
    }

    fn write_list(parts: &[Self], writer: &mut KeyWriter) {
        writer.part(kind::BYTES, parts);
    }
}

impl KeyPart for usize {
    fn write(&self, writer: &mut KeyWriter) {
        // No supported platform has pointers wider than 64 bits.
        (*self as u64).write(writer);
    }
}

impl KeyPart for isize {
    fn write(&self, writer: &mut KeyWriter) {
        (*self as i64).write(writer);
    }
}

macro_rules! non_zero {
    ($($int:ty)*) => {$(
        impl KeyPart for $int {
            /// As the integer that it is.
            fn write(&self, writer: &mut KeyWriter) {
                self.get().write(writer);
            }
        }
    )*};
}

non_zero! {
    NonZeroI8 NonZeroI16 NonZeroI32 NonZeroI64 NonZeroI128 NonZeroIsize
    NonZeroU8 NonZeroU16 NonZeroU32 NonZeroU64 NonZeroU128 NonZeroUsize
}

impl KeyPart for f64 {
    /// By its bits: `0.0` and `-0.0` are two keys, though they compare as equal. Every NaN is one
    /// key, though none is equal to itself.
    fn write(&self, writer: &mut KeyWriter) {
        const NAN: u64 = 0x7ff8_0000_0000_0000;
        let bits = if self.is_nan() { NAN } else { self.to_bits() };
        writer.part(kind::FLOAT, &bits.to_le_bytes());
    }
}

impl KeyPart for f32 {
    /// As the `f64` of the same value.
    fn write(&self, writer: &mut KeyWriter) {
        f64::from(*self).write(writer);
    }
}

impl KeyPart for Ipv4Addr {
    fn write(&self, writer: &mut KeyWriter) {
        writer.part(kind::ADDRESS, &self.octets());
    }
}

impl KeyPart for Ipv6Addr {
    /// An IPv4 address in the form of an IPv6 one is another key than the IPv4 address.
    fn write(&self, writer: &mut KeyWriter) {
        writer.part(kind::ADDRESS, &self.octets());
    }
}

impl KeyPart for IpAddr {
    fn write(&self, writer: &mut KeyWriter) {
        match self {
            Self::V4(address) => address.write(writer),
            Self::V6(address) => address.write(writer),
        }
    }
}

impl KeyPart for Duration {
    fn write(&self, writer: &mut KeyWriter) {
        writer.part(kind::DURATION, &self.as_nanos().to_le_bytes());
    }
}
