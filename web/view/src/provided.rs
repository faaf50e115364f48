//! Contexts, which Yew compiles once for each type. Here they are compiled once.
//!
//! All contexts of a page are in one table, which is the only context of Yew. A component that uses one is drawn again when
//! that one changes, and not for the others.
//!
//! A type is provided at one place of the page at a time.

use std::any::{Any, TypeId};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use yew::Properties;
use yew::context::{ContextProvider, ContextProviderProps};
use yew::functional::{
    FunctionProvider, Hook as _, HookContext, UseForceUpdateHandle, hook, use_context, use_force_update,
};
use yew::html::{Html, HtmlResult};
use yew::virtual_dom::VComp;

use crate::component::VChild;
use crate::effect::Dependency;
use crate::memo::use_mut_ref;

/// `children` below a context that they can use with [`use_provided`].
pub fn provide<T: PartialEq + 'static>(context: T, children: Html) -> Html {
    VChild::<Provide>::new(Provided { of: TypeId::of::<T>(), value: Rc::new(context), children }, None).into()
}

/// The value of a context. Draws the component again when it changes.
///
/// # Panics
/// Where no component above provides the type: a mistake in the program, seen at once.
#[hook]
pub fn use_provided<T: Clone + 'static>() -> T {
    let value = use_value(TypeId::of::<T>());
    value.and_then(|value| (&*value as &dyn Any).downcast_ref::<T>().cloned()).unwrap_or_else(|| missing())
}

#[cold]
#[inline(never)]
fn missing() -> ! {
    panic!("the page provides this context")
}

/// The properties of [`Provide`].
struct Provided {
    of: TypeId,
    value: Rc<dyn Dependency>,
    children: Html,
}

impl PartialEq for Provided {
    fn eq(&self, other: &Self) -> bool {
        self.of == other.of && self.value.is_equal(&*other.value as &dyn Any) && self.children == other.children
    }
}

impl Properties for Provided {
    type Builder = ();

    fn builder() {}
}

/// Writes a value into the table. The outermost one brings the table.
struct Provide;

impl FunctionProvider for Provide {
    type Properties = Provided;

    fn run(context: &mut HookContext, props: &Provided) -> HtmlResult {
        let above = use_context::<Table>().run(context);
        let own = use_mut_ref(Table::default).run(context);
        let written = use_mut_ref(Written::default).run(context);
        let table = above.clone().unwrap_or_else(|| own.borrow().clone());
        let entry = table.entry(props.of);
        if entry.set(&props.value) {
            *written.borrow_mut() = Written(Some((entry, Rc::clone(&props.value))));
        }
        let children = props.children.clone();
        Ok(match above {
            Some(_) => children,
            None => {
                VComp::new::<ContextProvider<Table>>(Rc::new(ContextProviderProps { context: table, children }), None)
                    .into()
            }
        })
    }
}

/// What a component has written, which ends with it.
#[derive(Default)]
struct Written(Option<(Rc<Entry>, Rc<dyn Dependency>)>);

impl Drop for Written {
    fn drop(&mut self) {
        if let Some((entry, value)) = &self.0 {
            // Another component may provide this type by now, or this one another value.
            let mut held = entry.value.borrow_mut();
            if held.as_ref().is_some_and(|held| Rc::ptr_eq(held, value)) {
                *held = None;
            }
        }
    }
}

#[hook]
fn use_value(of: TypeId) -> Option<Rc<dyn Dependency>> {
    let table = use_context::<Table>();
    let draw = use_force_update();
    let entry = use_mut_ref(|| table.map(|table| Subscription::of(table.entry(of), draw)));
    let entry = entry.borrow();
    entry.as_ref().and_then(|entry| entry.0.value.borrow().clone())
}

/// The contexts of a page.
#[derive(Clone, Default)]
struct Table(Rc<RefCell<Vec<Rc<Entry>>>>);

impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Table {
    fn entry(&self, of: TypeId) -> Rc<Entry> {
        let mut entries = self.0.borrow_mut();
        let known = entries.iter().find(|entry| entry.of == of).cloned();
        known.unwrap_or_else(|| {
            let entry =
                Rc::new(Entry { of, value: RefCell::default(), users: RefCell::default(), count: Cell::new(0) });
            entries.push(Rc::clone(&entry));
            entry
        })
    }
}

/// One context: its value, and who is drawn again when it changes.
struct Entry {
    of: TypeId,
    value: RefCell<Option<Rc<dyn Dependency>>>,
    users: RefCell<Vec<(u32, UseForceUpdateHandle)>>,
    count: Cell<u32>,
}

impl Entry {
    /// Returns whether the value is another one.
    fn set(&self, value: &Rc<dyn Dependency>) -> bool {
        let is_same = self.value.borrow().as_ref().is_some_and(|known| known.is_equal(&**value as &dyn Any));
        if is_same {
            return false;
        }
        let before = self.value.replace(Some(Rc::clone(value)));
        // A component that uses the first value is not drawn yet.
        if before.is_some() {
            // Copied: what draws may end subscriptions.
            let users: Vec<_> = self.users.borrow().iter().map(|(_, draw)| draw.clone()).collect();
            for draw in users {
                draw.force_update();
            }
        }
        true
    }
}

/// Ends with the component that uses the context.
struct Subscription(Rc<Entry>, u32);

impl Subscription {
    fn of(entry: Rc<Entry>, draw: UseForceUpdateHandle) -> Self {
        let id = entry.count.get();
        entry.count.set(id + 1);
        entry.users.borrow_mut().push((id, draw));
        Self(entry, id)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.0.users.borrow_mut().retain(|(id, _)| *id != self.1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &'static str) -> Rc<dyn Dependency> {
        Rc::new(value)
    }

    #[test]
    fn an_entry_is_found_again_and_only_another_value_is_a_change() {
        let table = Table::default();
        let entry = table.entry(TypeId::of::<&str>());
        assert!(entry.set(&text("a")) && !entry.set(&text("a")) && entry.set(&text("b")));
        assert!(Rc::ptr_eq(&entry, &table.entry(TypeId::of::<&str>())));
        assert!(!Rc::ptr_eq(&entry, &table.entry(TypeId::of::<u8>())));
    }

    #[test]
    fn a_value_ends_with_the_component_that_wrote_it_and_no_other() {
        let entry = Table::default().entry(TypeId::of::<&str>());
        let (first, second) = (text("a"), text("b"));
        entry.set(&first);
        let written = Written(Some((Rc::clone(&entry), first)));
        entry.set(&second);
        drop(written);
        assert!(entry.value.borrow().is_some(), "another component has written meanwhile");
        drop(Written(Some((Rc::clone(&entry), second))));
        assert!(entry.value.borrow().is_none());
    }
}
