//! Settings: defaults, then `tandem.toml`, then the environment, then flags.
