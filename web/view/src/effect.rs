//! Effects, of which only what differs is compiled for each.

use std::{any::Any, rc::Rc};
use yew::{TearDown, hook};

/// What an effect depends on, whatever its type.
trait Deps: Any {
    fn same(&self, other: &dyn Deps) -> bool;
}

impl<D: PartialEq + 'static> Deps for D {
    fn same(&self, other: &dyn Deps) -> bool {
        (other as &dyn Any).downcast_ref::<D>().is_some_and(|other| self == other)
    }
}

struct AnyDeps(Rc<dyn Deps>);

impl PartialEq for AnyDeps {
    fn eq(&self, other: &Self) -> bool {
        self.0.same(&*other.0)
    }
}

type End = Box<dyn FnOnce()>;
type Effect = Box<dyn FnOnce(&AnyDeps) -> End>;

/// As Yew's hook of this name.
#[hook]
pub fn use_effect_with<T, F, D>(deps: D, effect: F)
where
    T: TearDown,
    F: FnOnce(&D) -> T + 'static,
    D: PartialEq + 'static,
{
    let effect: Effect = Box::new(move |deps| {
        // They are of the type that they were handed over with.
        let end = (&*deps.0 as &dyn Any).downcast_ref::<D>().map(effect);
        Box::new(move || {
            if let Some(end) = end {
                end.tear_down();
            }
        })
    });
    use_any_effect(AnyDeps(Rc::new(deps)), effect);
}

#[hook]
fn use_any_effect(deps: AnyDeps, effect: Effect) {
    yew::use_effect_with(deps, effect);
}
