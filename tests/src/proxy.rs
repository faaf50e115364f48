//! A TCP proxy between a device and the server that injects network faults.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpSocket, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinHandle,
};

/// Bytes that are forwarded at once: few, so that a delay or a cut hits the middle of a message.
const CHUNK_BYTES: usize = 4096;

/// Receive buffer of a proxy with [`ChaosProxy::narrow`].
const SMALL_BUFFER_BYTES: u32 = 8 * 1024;

/// What a connection begins with that becomes a socket.
const SOCKET: &[u8] = b"GET /api/v1/ws";
/// What a browser asks for at some moment of each visit, beside the page: whether there is another worker.
const WORKER: &[u8] = b"GET /service-worker.js";

/// The direction of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the device to the server.
    Up,
    /// From the server to the device.
    Down,
}

/// A proxy. Its connections end with it.
#[derive(Debug)]
pub struct ChaosProxy {
    address: SocketAddr,
    network: Arc<Network>,
    listening: JoinHandle<()>,
}

/// State that all connections of a proxy share.
#[derive(Debug)]
struct Network {
    /// The address for new connections.
    server: watch::Sender<SocketAddr>,
    /// Size of the receive buffer towards the server; `None` leaves it to the system.
    receive_buffer: Option<u32>,
    up: watch::Sender<Lane>,
    down: watch::Sender<Lane>,
    /// Number of cuts. A connection lives until the next one.
    cuts: watch::Sender<u64>,
    open: watch::Sender<bool>,
    /// Bytes that devices were sent since [`ChaosProxy::count_anew`], but for the worker, and how many of them before the
    /// first socket.
    sent: AtomicU64,
    sent_before_socket: AtomicU64,
    /// What devices have asked for meanwhile: the first lines of requests.
    asked: Mutex<Vec<String>>,
}

/// No socket was opened yet.
const NONE: u64 = u64::MAX;

#[derive(Clone, Copy, Debug, Default)]
struct Lane {
    stalled: bool,
    delay: Duration,
    /// Bytes to forward before all connections are cut.
    left: Option<usize>,
}

impl ChaosProxy {
    /// A proxy that forwards everything immediately.
    pub async fn start(server: SocketAddr) -> Self {
        Self::listen(server, None).await
    }

    /// A proxy with small buffers, so that a stalled device blocks the server soon.
    pub async fn narrow(server: SocketAddr) -> Self {
        Self::listen(server, Some(SMALL_BUFFER_BYTES)).await
    }

    async fn listen(server: SocketAddr, receive_buffer: Option<u32>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there are free ports");
        let address = listener.local_addr().expect("a listener knows where it is");
        let network = Arc::new(Network {
            server: watch::Sender::new(server),
            receive_buffer,
            up: watch::Sender::default(),
            down: watch::Sender::default(),
            cuts: watch::Sender::default(),
            open: watch::Sender::new(true),
            sent: AtomicU64::new(0),
            sent_before_socket: AtomicU64::new(NONE),
            asked: Mutex::default(),
        });
        let shared = Arc::clone(&network);
        let listening = tokio::spawn(async move {
            while let Ok((device, _)) = listener.accept().await {
                if *shared.open.borrow() {
                    tokio::spawn(connection(device, Arc::clone(&shared)));
                }
            }
        });
        Self { address, network, listening }
    }

    /// The address for devices.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Forwards new connections to another server.
    pub fn set_server(&self, server: SocketAddr) {
        self.network.server.send_replace(server);
    }

    /// Cuts every connection, in the middle of whatever it transfers.
    pub fn cut(&self) {
        self.network.cut();
    }

    /// Cuts every connection after further `bytes` bytes in this direction.
    pub fn cut_after(&self, direction: Direction, bytes: usize) {
        self.network.lane(direction).send_modify(|lane| lane.left = Some(bytes));
    }

    /// Forwards nothing in this direction; the connections stay open.
    pub fn stall(&self, direction: Direction) {
        self.network.lane(direction).send_modify(|lane| lane.stalled = true);
    }

    /// Delays every chunk in this direction.
    pub fn delay(&self, direction: Direction, delay: Duration) {
        self.network.lane(direction).send_modify(|lane| lane.delay = delay);
    }

    /// Cuts all connections and refuses new ones.
    pub fn go_down(&self) {
        self.network.open.send_replace(false);
        self.cut();
    }

    /// Counts what is sent to devices from now on.
    pub fn count_anew(&self) {
        self.network.sent.store(0, Ordering::Relaxed);
        self.network.sent_before_socket.store(NONE, Ordering::Relaxed);
        self.network.asked.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The first lines of the requests since [`ChaosProxy::count_anew`], for the message of a test that fails.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.network.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The bytes that were sent to devices before one of them opened a socket; `None` when none has done so.
    #[must_use]
    pub fn sent_before_socket(&self) -> Option<u64> {
        Some(self.network.sent_before_socket.load(Ordering::Relaxed)).filter(|sent| *sent != NONE)
    }

    pub fn recover(&self) {
        self.network.up.send_replace(Lane::default());
        self.network.down.send_replace(Lane::default());
        self.network.open.send_replace(true);
    }
}

impl Drop for ChaosProxy {
    fn drop(&mut self) {
        self.listening.abort();
        self.cut();
    }
}

impl Network {
    fn lane(&self, direction: Direction) -> &watch::Sender<Lane> {
        match direction {
            Direction::Up => &self.up,
            Direction::Down => &self.down,
        }
    }

    fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }

    async fn reach_server(&self) -> io::Result<TcpStream> {
        let socket = TcpSocket::new_v4()?;
        if let Some(bytes) = self.receive_buffer {
            socket.set_recv_buffer_size(bytes)?;
        }
        let server = *self.server.borrow();
        let server = socket.connect(server).await?;
        server.set_nodelay(true)?;
        Ok(server)
    }

    /// Counts bytes that pass on a connection. `of_worker`: whether it was asked for the worker last.
    fn count(&self, direction: Direction, bytes: &[u8], of_worker: &AtomicBool) {
        if direction == Direction::Up {
            of_worker.store(bytes.starts_with(WORKER), Ordering::Relaxed);
            let line =
                String::from_utf8_lossy(bytes.split(|byte| *byte == b'\r').next().unwrap_or_default()).into_owned();
            if line.contains(" HTTP/1.1") {
                self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
            if bytes.starts_with(SOCKET) {
                let sent = self.sent.load(Ordering::Relaxed);
                self.sent_before_socket.fetch_min(sent, Ordering::Relaxed);
            }
        } else if !of_worker.load(Ordering::Relaxed) {
            self.sent.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        }
    }

    /// Waits until bytes may pass, and returns how many of `wanted`.
    async fn admit(&self, direction: Direction, wanted: usize) -> usize {
        let lane = self.lane(direction);
        // The sender is held by the network itself.
        let _ = lane.subscribe().wait_for(|lane| !lane.stalled).await;
        let delay = lane.borrow().delay;
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        let mut admitted = wanted;
        lane.send_if_modified(|lane| {
            if let Some(left) = lane.left {
                admitted = wanted.min(left);
                // The fault ends with the connection that it cuts.
                lane.left = (admitted == wanted).then_some(left - admitted);
            }
            false
        });
        admitted
    }
}

/// Forwards one connection until it ends or is cut.
async fn connection(device: TcpStream, network: Arc<Network>) {
    let mut cuts = network.cuts.subscribe();
    let of_worker = AtomicBool::new(false);
    let forwarding = async {
        device.set_nodelay(true)?;
        let (from_server, to_server) = network.reach_server().await?.into_split();
        let (from_device, to_device) = device.into_split();
        tokio::try_join!(
            forward(from_device, to_server, &network, Direction::Up, &of_worker),
            forward(from_server, to_device, &network, Direction::Down, &of_worker),
        )
    };
    tokio::select! {
        // In either case both sockets are dropped, so both sides see the end.
        _ = forwarding => {}
        _ = cuts.changed() => {}
    }
}

async fn forward(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    network: &Network,
    direction: Direction,
    of_worker: &AtomicBool,
) -> io::Result<()> {
    let mut chunk = [0; CHUNK_BYTES];
    loop {
        let read = from.read(&mut chunk).await?;
        if read == 0 {
            return to.shutdown().await;
        }
        let admitted = network.admit(direction, read).await;
        network.count(direction, &chunk[..admitted], of_worker);
        to.write_all(&chunk[..admitted]).await?;
        if admitted < read {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
    }
}
