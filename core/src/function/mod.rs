//! What the code that the attributes write calls. Nothing of it is for use by hand.

mod key;
mod multi;
mod options;
mod plain;
mod returned;

pub use key::{FunctionKey, FunctionPath, KeyArgument, part};
pub use multi::{get_each, invalidate_each, refresh_each, refresh_map, set_each};
pub use options::{set_in_process, size_of_only, tagged, wanted, weigher};
pub use plain::{InVain, alone, in_time};
pub use returned::{MadeOf, NotResult, Returned};
