//! The allocator of a node, which returns unused memory to the system at once.
//!
//! Hashing a password takes 19 MiB for a moment, and an answer or a reply some hundred KiB. The allocator of the C library
//! keeps what a thread once had. mimalloc returns it, by default after a second and when the thread allocates again: under a
//! steady load that is a fifth of the memory of a node. Returned at once, a token costs the same processor time.
//!
//! The setting is a C function, or a variable of the environment that a process cannot set for itself. So this crate has the one
//! `unsafe` block of the workspace, and nothing else.

use mimalloc::MiMalloc;
use std::ffi::{c_int, c_long};

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// `mi_option_purge_delay` of mimalloc 3: milliseconds.
const PURGE_DELAY: c_int = 15;

#[expect(unsafe_code, reason = "the setting has no function in Rust")]
// SAFETY: so it is declared in `mimalloc.h`. It compares the first number with the number of options and stores the second in
// a table of its own, from any thread and at any time.
unsafe extern "C" {
    safe fn mi_option_set(option: c_int, value: c_long);
}

/// Makes the allocator return memory when it is freed. `MIMALLOC_PURGE_DELAY` in the environment has no effect after this.
pub fn return_memory_at_once() {
    mi_option_set(PURGE_DELAY, 0);
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::return_memory_at_once;
    use std::{fs, hint::black_box};

    /// Pages of 4 KiB in memory that are no file's.
    fn resident() -> u64 {
        let status = fs::read_to_string("/proc/self/status").expect("a status");
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).expect("the line");
        line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") / 4
    }

    #[test]
    fn what_is_freed_is_the_system_s_again() {
        return_memory_at_once();
        let before = resident();
        let blocks: Vec<Vec<u8>> = (0..640).map(|_| black_box(vec![1; 100 * 1024])).collect();
        let full = resident();
        drop(blocks);
        let after = resident();
        assert!(full > before + 15_000, "{before} pages, then {full}");
        assert!(after < before + 1_500, "{before} pages, then {full}, then {after}");
    }
}
