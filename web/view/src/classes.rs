//! Classes of elements.
//!
//! Yew keeps them in an ordered set of a hash table. The value of an attribute is enough: nobody looks for one of them.

use yew::AttrValue;
use yew::html::IntoPropValue;

/// The classes of an element, with spaces between them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Classes(AttrValue);

impl Classes {
    #[doc(hidden)]
    #[must_use]
    pub fn with_capacity(_: usize) -> Self {
        Self::default()
    }

    #[doc(hidden)]
    pub fn unchecked_push(&mut self, class: &'static str) {
        self.add(AttrValue::Static(class));
    }

    /// Adds classes after those that are there.
    pub fn push<T: Into<Self>>(&mut self, classes: T) {
        self.add(classes.into().0);
    }

    #[inline(never)]
    fn add(&mut self, classes: AttrValue) {
        if self.0.is_empty() {
            self.0 = classes;
        } else if !classes.is_empty() {
            self.0 = [&*self.0, &*classes].join(" ").into();
        }
    }
}

impl From<&'static str> for Classes {
    fn from(classes: &'static str) -> Self {
        Self(AttrValue::Static(classes))
    }
}

impl From<String> for Classes {
    fn from(classes: String) -> Self {
        Self(classes.into())
    }
}

impl From<AttrValue> for Classes {
    fn from(classes: AttrValue) -> Self {
        Self(classes)
    }
}

impl<T: Into<Self>> From<Option<T>> for Classes {
    fn from(classes: Option<T>) -> Self {
        classes.map_or_else(Self::default, Into::into)
    }
}

impl IntoPropValue<Option<AttrValue>> for Classes {
    fn into_prop_value(self) -> Option<AttrValue> {
        Some(self.0).filter(|classes| !classes.is_empty())
    }
}

impl IntoPropValue<Classes> for &'static str {
    fn into_prop_value(self) -> Classes {
        self.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(classes: Classes) -> Option<AttrValue> {
        classes.into_prop_value()
    }

    #[test]
    fn classes_are_joined_by_spaces_and_none_is_no_attribute() {
        let mut classes = Classes::with_capacity(3);
        assert_eq!(shown(classes.clone()), None);
        classes.push(None::<&str>);
        classes.unchecked_push("a");
        classes.push(None::<&str>);
        classes.push("b c".to_owned());
        classes.push(Some("d"));
        assert_eq!(shown(classes).as_deref(), Some("a b c d"));
    }
}
