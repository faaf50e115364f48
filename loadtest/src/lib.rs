//! Load scenarios for a Tandem server, checked for correctness by the replica.
