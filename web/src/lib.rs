//! The Tandem web client.
