//! Direct writers and the connection at one send queue, with every order of their steps drawn by a scheduler.

use super::{tests::Memory, *};
use crate::shared_socket::SharedSocket;
use shuttle::{future::block_on, thread};

/// Schedules that are drawn, of each kind.
const SCHEDULES: usize = 2_000;
/// How many threads may overtake each other in a schedule that looks for rare orders.
const DEPTH: usize = 3;
const FRAMES: usize = 4;

fn direct_writers_and_a_connection(room: usize) {
    let socket = SharedSocket::new(Memory::with_room(room));
    let queue = Arc::new(SendQueue::new(Some(Arc::clone(&socket) as _)));
    let connection = {
        let (queue, socket) = (Arc::clone(&queue), Arc::clone(&socket));
        thread::spawn(move || {
            while queue.closing().is_none() {
                block_on(queue.wait_ready());
                queue.take().into_iter().for_each(|message| socket.send(message));
                socket.flush();
            }
        })
    };
    let writer = |queue: Arc<SendQueue>| {
        thread::spawn(move || (0..2).for_each(|_| queue.try_flush(&mut FrameBatch::default(), Instant::now())))
    };
    let writers = [writer(Arc::clone(&queue)), writer(Arc::clone(&queue))];
    for n in 0..FRAMES {
        if queue.push_durable(format!("e{n}").into()) == Queued::NeedsFlush {
            queue.try_flush(&mut FrameBatch::default(), Instant::now());
        }
    }
    writers.into_iter().for_each(|writer| writer.join().unwrap());
    // A frame for which no thread was woken would be waited for until the scheduler gives up.
    while socket.stream().frames().len() < FRAMES {
        thread::yield_now();
    }
    queue.close(CloseCode::Draining);
    connection.join().unwrap();
    assert_eq!(socket.stream().frames(), ["e0", "e1", "e2", "e3"]);
}

#[test]
fn frames_go_out_once_and_in_order_whoever_sends_them() {
    for test in [|| direct_writers_and_a_connection(usize::MAX), || direct_writers_and_a_connection(2)] {
        shuttle::check_random(test, SCHEDULES);
        shuttle::check_pct(test, SCHEDULES, DEPTH);
    }
}
