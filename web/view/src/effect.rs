//! Effects, which Yew compiles once for each pair of dependencies and closure. Here they are compiled once.

use std::any::Any;

use yew::functional::{TearDown, hook};

/// Runs `effect` after a render in which `deps` have changed, and its result before the next time. As Yew's own hook.
#[hook]
pub fn use_effect_with<T, F, D>(deps: T, effect: F)
where
    T: PartialEq + 'static,
    F: FnOnce(&T) -> D + 'static,
    D: TearDown,
{
    let effect = move |deps: &Dependencies| -> End {
        // The hook of one place in a component has one type of dependencies.
        match deps.of::<T>() {
            Some(deps) => {
                let end = effect(deps);
                Box::new(move || end.tear_down())
            }
            None => Box::new(|| {}),
        }
    };
    use_dependencies(Dependencies::new(deps), Box::new(effect));
}

type End = Box<dyn FnOnce()>;

#[hook]
fn use_dependencies(deps: Dependencies, effect: Box<dyn FnOnce(&Dependencies) -> End>) {
    yew::functional::use_effect_with(deps, effect);
}

/// Dependencies of any type.
pub(crate) struct Dependencies(Box<dyn Dependency>);

impl Dependencies {
    pub(crate) fn new<T: PartialEq + 'static>(deps: T) -> Self {
        Self(Box::new(deps))
    }

    /// The value, if it has this type.
    pub(crate) fn of<T: 'static>(&self) -> Option<&T> {
        (&*self.0 as &dyn Any).downcast_ref()
    }
}

impl PartialEq for Dependencies {
    fn eq(&self, other: &Self) -> bool {
        self.0.is_equal(&*other.0 as &dyn Any)
    }
}

/// A value of any type that can be compared.
pub(crate) trait Dependency: Any {
    fn is_equal(&self, other: &dyn Any) -> bool;
}

impl<T: PartialEq + 'static> Dependency for T {
    fn is_equal(&self, other: &dyn Any) -> bool {
        other.downcast_ref::<T>().is_some_and(|other| self == other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_are_equal_when_type_and_value_are() {
        let deps = |deps: Box<dyn Dependency>| Dependencies(deps);
        assert!(deps(Box::new((1, "a"))) == deps(Box::new((1, "a"))));
        assert!(deps(Box::new((1, "a"))) != deps(Box::new((2, "a"))));
        assert!(deps(Box::new(1_u32)) != deps(Box::new(1_u64)));
    }
}
