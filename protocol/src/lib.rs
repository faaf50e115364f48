//! The wire contract of Tandem: every type that crosses the network, and the replica that applies them.
