//! Values that outlive a render, which Yew compiles once for each type. Here they are compiled once.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use yew::Callback;
use yew::functional::hook;

use crate::effect::Dependencies;

/// The value that `init` makes of `deps`, made again when they change. As Yew's own hook.
#[hook]
pub fn use_memo<T, F, D>(deps: D, init: F) -> Rc<T>
where
    T: 'static,
    F: FnOnce(&D) -> T,
    D: PartialEq + 'static,
{
    // The hook of one place in a component has one type of dependencies.
    let init =
        move |deps: &Dependencies| -> Rc<dyn Any> { deps.of().map_or_else(|| mismatch(), |deps| Rc::new(init(deps))) };
    of_type(use_any_memo(Dependencies::new(deps), Box::new(init)))
}

/// The same callback while `deps` stay the same. As Yew's own hook.
#[hook]
pub fn use_callback<IN, OUT, F, D>(deps: D, call: F) -> Callback<IN, OUT>
where
    IN: 'static,
    OUT: 'static,
    F: Fn(IN, &D) -> OUT + 'static,
    D: PartialEq + 'static,
{
    let callback = use_memo(Rc::new(deps), |deps: &Rc<D>| {
        let deps = Rc::clone(deps);
        Callback::from(move |argument| call(argument, &deps))
    });
    (*callback).clone()
}

/// The same cell at each render. As Yew's own hook.
#[hook]
pub fn use_mut_ref<T, F>(init: F) -> Rc<RefCell<T>>
where
    T: 'static,
    F: FnOnce() -> T,
{
    of_type(use_any(Box::new(move || Rc::new(RefCell::new(init())))))
}

type Init<'a> = Box<dyn FnOnce(&Dependencies) -> Rc<dyn Any> + 'a>;

#[hook]
fn use_any_memo<'a>(deps: Dependencies, init: Init<'a>) -> Rc<dyn Any> {
    let state = yew::functional::use_mut_ref(|| None::<(Dependencies, Rc<dyn Any>)>);
    let mut state = state.borrow_mut();
    match &*state {
        Some((known, value)) if *known == deps => Rc::clone(value),
        _ => {
            let value = init(&deps);
            *state = Some((deps, Rc::clone(&value)));
            value
        }
    }
}

#[hook]
fn use_any<'a>(init: Box<dyn FnOnce() -> Rc<dyn Any> + 'a>) -> Rc<dyn Any> {
    Rc::clone(&yew::functional::use_mut_ref(init).borrow())
}

/// The hook of one place in a component has one type of value.
fn of_type<T: 'static>(value: Rc<dyn Any>) -> Rc<T> {
    value.downcast().unwrap_or_else(|_| mismatch())
}

#[cold]
#[inline(never)]
pub(crate) fn mismatch() -> ! {
    unreachable!("a hook has one type at one place")
}
