//! What the code that the attributes write calls. Nothing of it is for use by hand.

mod key;
mod options;
mod plain;
mod returned;

pub use key::{FunctionKey, FunctionPath, KeyArgument, part};
pub use options::{set_in_process, size_of_only, tagged, wanted, weigher};
pub use plain::{InVain, alone, in_time};
pub use returned::{MadeOf, NotResult, Returned};
