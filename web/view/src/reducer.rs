//! State with a reducer. Yew compiles its own, with a state and a table of its past, once for each type; this one is a cell.

use std::cell::RefCell;
use std::ops::Deref;
use std::rc::Rc;

use yew::Reducible;

use crate::memo::use_mut_ref;
use yew::functional::{UseForceUpdateHandle, hook, use_force_update};

/// State that draws the component again when an action makes a different one of it. As Yew's own hook.
#[hook]
pub fn use_reducer_eq<T, F>(init: F) -> UseReducerHandle<T>
where
    T: Reducible + PartialEq + 'static,
    F: FnOnce() -> T,
{
    let cell = use_mut_ref(|| Rc::new(init()));
    let state = Rc::clone(&cell.borrow());
    UseReducerHandle { state, dispatcher: UseReducerDispatcher { cell, draw: use_force_update() } }
}

/// The state as it was when the component was drawn.
pub struct UseReducerHandle<T> {
    state: Rc<T>,
    dispatcher: UseReducerDispatcher<T>,
}

impl<T: Reducible + PartialEq> UseReducerHandle<T> {
    /// Changes the state, and draws the component again if it is another one then.
    pub fn dispatch(&self, action: T::Action) {
        self.dispatcher.dispatch(action);
    }

    /// What changes the state, without the present one.
    pub fn dispatcher(&self) -> UseReducerDispatcher<T> {
        self.dispatcher.clone()
    }
}

impl<T> Deref for UseReducerHandle<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.state
    }
}

impl<T> Clone for UseReducerHandle<T> {
    fn clone(&self) -> Self {
        Self { state: Rc::clone(&self.state), dispatcher: self.dispatcher.clone() }
    }
}

/// What changes a state, without holding the present one.
pub struct UseReducerDispatcher<T> {
    cell: Rc<RefCell<Rc<T>>>,
    draw: UseForceUpdateHandle,
}

impl<T: Reducible + PartialEq> UseReducerDispatcher<T> {
    /// Changes the state, and draws the component again if it is another one then.
    pub fn dispatch(&self, action: T::Action) {
        // Cloned first: a reducer may drop what dispatches the next action.
        let before = Rc::clone(&self.cell.borrow());
        let next = Rc::clone(&before).reduce(action);
        if !Rc::ptr_eq(&before, &next) && *before != *next {
            self.cell.replace(next);
            self.draw.force_update();
        }
    }
}

impl<T> Clone for UseReducerDispatcher<T> {
    fn clone(&self) -> Self {
        Self { cell: Rc::clone(&self.cell), draw: self.draw.clone() }
    }
}

impl<T> PartialEq for UseReducerDispatcher<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.cell, &other.cell)
    }
}
