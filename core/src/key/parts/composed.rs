//! Parts made of parts.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use super::{KeyPart, KeyWriter, kind};

impl<P: KeyPart> KeyPart for Option<P> {
    fn write(&self, writer: &mut KeyWriter) {
        match self {
            None => writer.part(kind::NONE, &[]),
            Some(part) => {
                writer.part(kind::SOME, &[]);
                part.write(writer);
            }
        }
    }
}

macro_rules! pointers {
    ($($pointer:ty)*) => {$(
        impl<P: KeyPart + ?Sized> KeyPart for $pointer {
            fn write(&self, writer: &mut KeyWriter) {
                (**self).write(writer);
            }
        }
    )*};
}

pointers!(&P Box<P> Rc<P> Arc<P>);

impl<P: KeyPart + ToOwned + ?Sized> KeyPart for Cow<'_, P> {
    fn write(&self, writer: &mut KeyWriter) {
        (**self).write(writer);
    }
}

impl<P: KeyPart> KeyPart for [P] {
    /// A list and its length; a list of `u8` is a byte string.
    fn write(&self, writer: &mut KeyWriter) {
        P::write_list(self, writer);
    }
}

impl<P: KeyPart> KeyPart for Vec<P> {
    fn write(&self, writer: &mut KeyWriter) {
        P::write_list(self, writer);
    }
}

impl<P: KeyPart, const N: usize> KeyPart for [P; N] {
    fn write(&self, writer: &mut KeyWriter) {
        P::write_list(self, writer);
    }
}

macro_rules! tuples {
    ($($count:literal: $($part:ident)*;)*) => {$(
        impl<$($part: KeyPart),*> KeyPart for ($($part,)*) {
            #[expect(non_snake_case, reason = "the macro names values after their types")]
            fn write(&self, writer: &mut KeyWriter) {
                writer.part(kind::TUPLE, &[$count]);
                let ($($part,)*) = self;
                $($part.write(writer);)*
            }
        }
    )*};
}

tuples! {
    1: A;
    2: A B;
    3: A B C;
    4: A B C D;
    5: A B C D E;
    6: A B C D E F;
    7: A B C D E F G;
    8: A B C D E F G H;
    9: A B C D E F G H I;
    10: A B C D E F G H I J;
    11: A B C D E F G H I J K;
    12: A B C D E F G H I J K L;
}
