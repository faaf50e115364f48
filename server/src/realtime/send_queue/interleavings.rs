//! Visitors and the connection at one outbox, with every order of their steps drawn by a scheduler.

use super::{tests::Pipe, *};
use shuttle::{future::block_on, thread};

/// Schedules that are drawn, of each kind.
const SCHEDULES: usize = 2_000;
/// How many threads may overtake each other in a schedule that looks for rare orders.
const DEPTH: usize = 3;
const FRAMES: usize = 4;

fn visits_and_a_connection(room: usize) {
    let pipe = Pipe::with_room(room);
    let queue = Arc::new(SendQueue::new(Some(Arc::clone(&pipe) as _)));
    let connection = {
        let (queue, pipe) = (Arc::clone(&queue), Arc::clone(&pipe));
        thread::spawn(move || {
            while queue.closing().is_none() {
                block_on(queue.filled());
                queue.take().into_iter().for_each(|message| pipe.send(message));
                pipe.flush();
            }
        })
    };
    let writer = |queue: Arc<SendQueue>| {
        thread::spawn(move || (0..2).for_each(|_| queue.carry(&mut FrameBatch::default(), Instant::now())))
    };
    let writers = [writer(Arc::clone(&queue)), writer(Arc::clone(&queue))];
    for n in 0..FRAMES {
        if queue.push_durable(format!("e{n}").into()) == Queued::NeedsFlush {
            queue.carry(&mut FrameBatch::default(), Instant::now());
        }
    }
    writers.into_iter().for_each(|writer| writer.join().unwrap());
    // A frame that nobody was told of would be waited for until the scheduler gives up.
    while pipe.frames().len() < FRAMES {
        thread::yield_now();
    }
    queue.close(CloseCode::Draining);
    connection.join().unwrap();
    assert_eq!(pipe.frames(), ["e0", "e1", "e2", "e3"]);
}

#[test]
fn what_is_queued_goes_out_once_and_in_order_whoever_sends_it() {
    for test in [|| visits_and_a_connection(usize::MAX), || visits_and_a_connection(2)] {
        shuttle::check_random(test, SCHEDULES);
        shuttle::check_pct(test, SCHEDULES, DEPTH);
    }
}
