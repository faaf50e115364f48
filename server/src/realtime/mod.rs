//! The socket door: connections, the hub that feeds them, resume.
