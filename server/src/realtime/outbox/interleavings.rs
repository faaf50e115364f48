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
    let outbox = Arc::new(Outbox::new(Some(Arc::clone(&pipe) as _)));
    let connection = {
        let (outbox, pipe) = (Arc::clone(&outbox), Arc::clone(&pipe));
        thread::spawn(move || {
            while outbox.closing().is_none() {
                block_on(outbox.filled());
                outbox.take().into_iter().for_each(|message| pipe.send(message));
                pipe.flush();
            }
        })
    };
    let visitor = |outbox: Arc<Outbox>| {
        thread::spawn(move || (0..2).for_each(|_| outbox.carry(&mut Parcel::default(), Instant::now())))
    };
    let visitors = [visitor(Arc::clone(&outbox)), visitor(Arc::clone(&outbox))];
    for n in 0..FRAMES {
        if outbox.push_durable(format!("e{n}").into()) == Queued::ToVisit {
            outbox.carry(&mut Parcel::default(), Instant::now());
        }
    }
    visitors.into_iter().for_each(|visitor| visitor.join().unwrap());
    // A frame that nobody was told of would be waited for until the scheduler gives up.
    while pipe.frames().len() < FRAMES {
        thread::yield_now();
    }
    outbox.close(CloseCode::Draining);
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
