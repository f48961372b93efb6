mod decoder;
mod fake;
mod faults;
mod leases;
mod sync;
