//! A lock over all tabs of one browser, by the Web Locks API.

use super::window::window;
use js_sys::{Promise, Reflect};
use std::{cell::RefCell, future::Future, pin::Pin, rc::Rc};
use wasm_bindgen::{JsCast, JsValue, prelude::*};
use wasm_bindgen_futures::{JsFuture, future_to_promise};

#[wasm_bindgen]
extern "C" {
    /// The lock manager of the browser, which `web_sys` has only behind an unstable flag.
    type LockManager;

    #[wasm_bindgen(method, catch)]
    fn request(this: &LockManager, name: &str, run: &js_sys::Function) -> Result<Promise, JsValue>;
}

/// Runs `work` while no other tab holds the lock of this name.
///
/// The API is missing on pages that are served over plain HTTP from another host. Then the work runs at once, so
/// callers must be correct without the lock.
pub(crate) async fn exclusive<T: 'static>(name: &str, work: impl Future<Output = T> + 'static) -> T {
    let result = Rc::new(RefCell::new(None));
    let kept = result.clone();
    run(name, Box::pin(async move { *kept.borrow_mut() = Some(work.await) })).await;
    let done = result.borrow_mut().take();
    match done {
        Some(value) => value,
        None => std::future::pending().await,
    }
}

/// The same for work without a result, which is compiled once.
async fn run(name: &str, work: Pin<Box<dyn Future<Output = ()>>>) {
    let Some(locks) = manager() else { return work.await };
    // Shared with the callback, because the work must run here if the browser never calls it.
    let work = Rc::new(RefCell::new(Some(work)));
    let run = {
        let work = work.clone();
        Closure::once(move |_lock: JsValue| {
            future_to_promise(async move {
                let taken = work.borrow_mut().take();
                if let Some(work) = taken {
                    work.await;
                }
                Ok(JsValue::UNDEFINED)
            })
        })
    };
    if let Ok(promise) = locks.request(name, run.as_ref().unchecked_ref()) {
        // If the request is refused, the work has not run, and runs below.
        let _ = JsFuture::from(promise).await;
    }
    let left = work.borrow_mut().take();
    if let Some(work) = left {
        work.await;
    }
}

fn manager() -> Option<LockManager> {
    let locks = Reflect::get(&window().navigator(), &"locks".into()).ok()?;
    (!locks.is_undefined()).then(|| locks.unchecked_into())
}
