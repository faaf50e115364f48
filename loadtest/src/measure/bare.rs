//! The cost of sending alone, without a server: the baseline of a figure that depends on the machine.

use std::{hint::black_box, io, sync::Arc, time::Duration};
use tandem_protocol::live::ServerFrame;
use tokio::{
    io::AsyncReadExt as _,
    net::{TcpListener, TcpStream},
    runtime::Handle,
    sync::Semaphore,
    task::spawn_blocking,
};

/// Number of measured sends; more do not change the figure.
const SENDS: usize = 200_000;

/// Processor seconds of the sender for a million sends of a frame over loopback, in rounds over `sockets` connections whose
/// readers parse every frame. `None` where the system does not report processor time per thread, or the connections fail.
pub async fn sends(sockets: usize, frame: String) -> Option<f64> {
    let arrived = Arc::new(Semaphore::new(0));
    let streams = connected(sockets, frame.len(), &arrived).await.ok()?;
    let runtime = Handle::current();
    let sending = spawn_blocking(move || {
        let rounds = SENDS.div_ceil(sockets);
        let mut spent = Duration::ZERO;
        for _ in 0..rounds {
            let begin = processor_time()?;
            for stream in &streams {
                io::Write::write_all(&mut &*stream, frame.as_bytes()).ok()?;
            }
            spent += processor_time()?.checked_sub(begin)?;
            // The next round begins when this one has been read: a full buffer would measure waiting instead of sending.
            let all = u32::try_from(streams.len()).ok()?;
            runtime.block_on(arrived.acquire_many(all)).ok()?.forget();
        }
        #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52 sends")]
        Some(spent.as_secs_f64() / (rounds * streams.len()) as f64 * 1e6)
    });
    sending.await.ok()?
}

/// Opens the connections and returns the sending ends. At each other end a task parses every frame of `bytes` bytes and
/// adds a permit to `arrived`.
async fn connected(sockets: usize, bytes: usize, arrived: &Arc<Semaphore>) -> io::Result<Vec<std::net::TcpStream>> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let mut streams = Vec::with_capacity(sockets);
    for _ in 0..sockets {
        let (stream, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        let (mut reader, arrived) = (accepted?.0, Arc::clone(arrived));
        tokio::spawn(async move {
            let mut frame = vec![0; bytes];
            while reader.read_exact(&mut frame).await.is_ok() {
                // Nothing uses the result; without this the compiler could remove the parsing.
                let _ = black_box(std::str::from_utf8(&frame).map(ServerFrame::parse));
                arrived.add_permits(1);
            }
        });
        let stream = stream?.into_std()?;
        stream.set_nonblocking(false)?;
        stream.set_nodelay(true)?;
        streams.push(stream);
    }
    Ok(streams)
}

/// The processor time of this thread so far.
#[cfg(unix)]
fn processor_time() -> Option<Duration> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Some(Duration::new(time.tv_sec.try_into().ok()?, time.tv_nsec.try_into().ok()?))
}

#[cfg(not(unix))]
fn processor_time() -> Option<Duration> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn a_send_takes_more_than_nothing_and_less_than_a_millisecond() {
        let seconds = sends(10, r#"{"type":"live","seq":1}"#.into()).await.unwrap();
        assert!(seconds > 0.0 && seconds < 1000.0, "{seconds} s per million");
    }
}
