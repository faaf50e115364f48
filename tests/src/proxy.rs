//! A network that misbehaves on demand: a TCP proxy between a device and the server.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpSocket, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinHandle,
};

/// Bytes carried at once. Small, so that a delay or a cut falls into the middle of things.
const PIECE: usize = 4096;

/// Bytes that the system may hold for a narrow proxy that takes nothing.
const NARROW: u32 = 8 * 1024;

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the device to the server.
    Up,
    /// From the server to the device.
    Down,
}

/// A proxy. It ends with the value, and its connections with it.
#[derive(Debug)]
pub struct ChaosProxy {
    address: SocketAddr,
    network: Arc<Network>,
    listening: JoinHandle<()>,
}

/// What all connections of a proxy obey.
#[derive(Debug)]
struct Network {
    /// Where new connections go.
    server: watch::Sender<SocketAddr>,
    /// Bytes that the system holds for us on the server's side; its own choice when none is given.
    receive_buffer: Option<u32>,
    up: watch::Sender<Lane>,
    down: watch::Sender<Lane>,
    /// Counts the cuts. A connection lives until the next one.
    cuts: watch::Sender<u64>,
    open: watch::Sender<bool>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Lane {
    stalled: bool,
    delay: Duration,
    /// So many more bytes, then everything is cut.
    left: Option<usize>,
}

impl ChaosProxy {
    /// A proxy that passes everything on at once.
    pub async fn start(server: SocketAddr) -> Self {
        Self::listen(server, None).await
    }

    /// The same, with little room for what a stalled device does not take.
    pub async fn narrow(server: SocketAddr) -> Self {
        Self::listen(server, Some(NARROW)).await
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

    /// Where a device connects.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Has new connections go to another server.
    pub fn lead_to(&self, server: SocketAddr) {
        self.network.server.send_replace(server);
    }

    /// Breaks every connection, in the middle of whatever is on its way.
    pub fn cut(&self) {
        self.network.cut();
    }

    /// Breaks every connection when so many more bytes have gone this way.
    pub fn cut_after(&self, direction: Direction, bytes: usize) {
        self.network.lane(direction).send_modify(|lane| lane.left = Some(bytes));
    }

    /// Lets nothing pass in this direction: the connections stay.
    pub fn stall(&self, direction: Direction) {
        self.network.lane(direction).send_modify(|lane| lane.stalled = true);
    }

    /// Lets every piece come so much later in this direction.
    pub fn delay(&self, direction: Direction, delay: Duration) {
        self.network.lane(direction).send_modify(|lane| lane.delay = delay);
    }

    /// Cuts, and lets nobody connect.
    pub fn go_down(&self) {
        self.network.open.send_replace(false);
        self.cut();
    }

    /// Behaves again, in both directions.
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

    /// Waits until `wanted` bytes may pass, and says how many of them may.
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
                // The cut is over with the connection that it hits.
                lane.left = (admitted == wanted).then_some(left - admitted);
            }
            false
        });
        admitted
    }
}

/// Carries one connection until it ends or is cut.
async fn connection(device: TcpStream, network: Arc<Network>) {
    let mut cuts = network.cuts.subscribe();
    let carried = async {
        device.set_nodelay(true)?;
        let (from_server, to_server) = network.reach_server().await?.into_split();
        let (from_device, to_device) = device.into_split();
        tokio::try_join!(
            carry(from_device, to_server, &network, Direction::Up),
            carry(from_server, to_device, &network, Direction::Down),
        )
    };
    tokio::select! {
        // However it ends, both sides see the end of it.
        _ = carried => {}
        _ = cuts.changed() => {}
    }
}

async fn carry(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    network: &Network,
    direction: Direction,
) -> io::Result<()> {
    let mut piece = [0; PIECE];
    loop {
        let read = from.read(&mut piece).await?;
        if read == 0 {
            return to.shutdown().await;
        }
        let admitted = network.admit(direction, read).await;
        to.write_all(&piece[..admitted]).await?;
        if admitted < read {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
    }
}
