//! Processor time and memory of the server, read from `/proc`.
//!
//! Where there is no `/proc`, the functions return `None` and the report leaves the figures out.

use serde::Serialize;
use std::{fs, net::SocketAddr, path::Path};

/// The unit of processor time in `/proc` (`USER_HZ`): 100 on every architecture that Tandem is built for.
const TICKS_PER_SECOND: f64 = 100.0;

/// A process of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process {
    pid: u32,
}

/// The processor time and memory of a process at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Usage {
    /// Seconds since the start of the run.
    pub at: f64,
    /// Processor seconds since the process started.
    pub processor: f64,
    /// Resident memory in MiB.
    pub memory: f64,
    /// KiB that the process has sent to a disk since it started; `None` when it may not be read.
    pub written: Option<f64>,
}

impl Process {
    /// The process with this id, if its figures can be read.
    pub fn of_pid(pid: u32) -> Option<Self> {
        let process = Self { pid };
        process.usage(0.0).map(|_| process)
    }

    /// The process that listens on this address, if it is on this machine and readable for this user.
    pub fn listening_on(address: SocketAddr) -> Option<Self> {
        let inode = ["/proc/net/tcp", "/proc/net/tcp6"].into_iter().find_map(|table| {
            let table = fs::read_to_string(table).ok()?;
            table.lines().find_map(|line| listener_inode(line, address.port()).map(str::to_owned))
        })?;
        // `/proc/net/tcp` has the inode of a listener and not its process, so find the process that has this socket open.
        let link = format!("socket:[{inode}]");
        let pids = fs::read_dir("/proc").ok()?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        pids.filter(|pid| holds(*pid, &link)).find_map(Self::of_pid)
    }

    pub fn pid(self) -> u32 {
        self.pid
    }

    /// The maximum number of open files, sockets included; `None` when it is unlimited or cannot be read.
    pub fn file_limit(self) -> Option<u64> {
        file_limit(&fs::read_to_string(format!("/proc/{}/limits", self.pid)).ok()?)
    }

    /// Processor time of the current threads in nanoseconds. Finer than [`Usage::processor`], but without the threads that have
    /// ended. `None` where the system does not count it.
    pub fn thread_nanos(self) -> Option<u64> {
        let threads = fs::read_dir(format!("/proc/{}/task", self.pid)).ok()?.flatten();
        let nanos = threads.filter_map(|thread| {
            let counted = fs::read_to_string(thread.path().join("schedstat")).ok()?;
            counted.split_ascii_whitespace().next()?.parse::<u64>().ok()
        });
        nanos.reduce(|all, nanos| all + nanos)
    }

    /// The usage so far; `None` when the process has ended.
    pub fn usage(self, at: f64) -> Option<Usage> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid)).ok()?;
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).ok()?;
        let written = fs::read_to_string(format!("/proc/{}/io", self.pid)).ok().and_then(|io| written_kibibytes(&io));
        Some(Usage { at, processor: processor_seconds(&stat)?, memory: resident_mebibytes(&status)?, written })
    }
}

/// The usage of all nodes: the sums of their processor time and of what they wrote, and the memory of the largest one.
pub fn usage_of(nodes: &[Process], at: f64) -> Option<Usage> {
    nodes.iter().filter_map(|node| node.usage(at)).reduce(|all, node| Usage {
        at,
        processor: all.processor + node.processor,
        memory: all.memory.max(node.memory),
        written: all.written.zip(node.written).map(|(all, node)| all + node),
    })
}

/// User and system time, columns 14 and 15 of `/proc/…/stat`.
fn processor_seconds(stat: &str) -> Option<f64> {
    // Column 2 is the name in brackets, which may contain spaces and brackets: count from its end.
    let (_, behind_name) = stat.rsplit_once(')')?;
    let mut columns = behind_name.split_ascii_whitespace().skip(11);
    let user: u32 = columns.next()?.parse().ok()?;
    let system: u32 = columns.next()?.parse().ok()?;
    Some((f64::from(user) + f64::from(system)) / TICKS_PER_SECOND)
}

fn resident_mebibytes(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u32 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(f64::from(kibibytes) / 1024.0)
}

/// What was sent to the disk; what is deleted before it gets there is not counted.
fn written_kibibytes(io: &str) -> Option<f64> {
    let bytes = |name: &str| io.lines().find_map(|line| line.strip_prefix(name))?.trim().parse::<u64>().ok();
    let written = bytes("write_bytes:")?.saturating_sub(bytes("cancelled_write_bytes:")?);
    #[expect(clippy::cast_precision_loss, reason = "fewer than 2^52 bytes")]
    Some(written as f64 / 1024.0)
}

/// The soft limit, which is the first of the two columns.
fn file_limit(limits: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

/// The inode of a line of `/proc/net/tcp` when it is a listener on this port. Ports there are hexadecimal, state 0A is
/// `TCP_LISTEN`.
fn listener_inode(line: &str, port: u16) -> Option<&str> {
    let columns: Vec<_> = line.split_ascii_whitespace().collect();
    let (_, local_port) = columns.get(1)?.rsplit_once(':')?;
    let listens = *columns.get(3)? == "0A" && u16::from_str_radix(local_port, 16).ok()? == port;
    columns.get(9).filter(|_| listens).copied()
}

fn holds(pid: u32, link: &str) -> bool {
    let Ok(files) = fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
    files.flatten().any(|file| fs::read_link(file.path()).is_ok_and(|target| target == Path::new(link)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn processor_time_is_read_behind_a_name_with_spaces_and_brackets() {
        let stat = "4242 (a (odd) name) S 1 2 3 4 5 6 7 8 9 10 250 150 0 0 20 0 4 0 100 0 0";
        assert_eq!(processor_seconds(stat), Some(4.0));
        assert_eq!(processor_seconds(""), None);
    }

    #[test]
    fn memory_is_read_in_mebibytes() {
        assert_eq!(resident_mebibytes("Name:\tx\nVmRSS:\t   2048 kB\nThreads:\t4\n"), Some(2.0));
        assert_eq!(resident_mebibytes("Name:\tkernel thread\n"), None);
    }

    #[test]
    fn what_was_written_is_without_what_was_deleted_before() {
        let io = "rchar: 1\nwchar: 9999\nwrite_bytes: 8192\ncancelled_write_bytes: 4096\n";
        assert_eq!(written_kibibytes(io), Some(4.0));
        assert_eq!(written_kibibytes("wchar: 1\n"), None);
    }

    #[test]
    fn the_limit_of_open_files_is_the_soft_one() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units     \n\
                      Max open files            1024                 524288               files     \n";
        assert_eq!(file_limit(limits), Some(1024));
        assert_eq!(file_limit("Max open files            unlimited            unlimited            files\n"), None);
    }

    #[test]
    fn a_listener_is_found_by_its_port_and_only_a_listener() {
        let listens = "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000  0 77 1 0 100";
        let connected = listens.replace(" 0A ", " 01 ");
        assert_eq!(listener_inode(listens, 8080), Some("77"));
        assert_eq!((listener_inode(listens, 8081), listener_inode(&connected, 8080)), (None, None));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_is_found_by_the_port_that_it_listens_on() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let found = Process::listening_on(listener.local_addr().unwrap()).unwrap();
        assert_eq!(found.pid(), std::process::id());
        assert!(found.usage(0.0).unwrap().memory > 0.0);
    }
}
