//! Regions from files, the environment and URLs.
