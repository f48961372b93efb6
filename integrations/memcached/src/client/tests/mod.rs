mod decoder;
mod fake;
mod faults;
mod sync;
