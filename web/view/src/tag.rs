//! Nodes of elements, and lists of nodes.
//!
//! `html!` writes the parts of each element at the place of use: a reference, a key, a table of attributes, a list of listeners.
//! Yew's types for these are inlined there, a thousand times the same hundred bytes, of which most say that there is nothing.
//! Those here have the names that `html!` uses, say nothing in no bytes, and are turned into Yew's in functions that are called.

use yew::html::IntoPropValue;
use yew::virtual_dom::{Key, Listeners, VNode};
use yew::{AttrValue, NodeRef};

/// Where `html!` looks for the values of attributes.
#[expect(non_snake_case, reason = "the name of Yew's enumeration, whose variants these are")]
pub mod AttributeOrProperty {
    pub use yew::virtual_dom::AttributeOrProperty::Static;

    /// The value of an attribute. Laid out as what is in it, so that making one is no instruction.
    #[derive(Debug)]
    pub struct Attribute(pub yew::AttrValue);
}

type StaticAttributes = &'static [(&'static str, yew::virtual_dom::AttributeOrProperty)];
type Values = Box<[Option<AttributeOrProperty::Attribute>]>;

/// The attributes of an element.
#[derive(Debug)]
pub enum Attributes {
    /// All of them are known at compile time.
    Static(StaticAttributes),
    /// A value for each name, or none.
    Dynamic { keys: &'static [&'static str], values: Values },
}

impl From<Attributes> for yew::virtual_dom::Attributes {
    fn from(attributes: Attributes) -> Self {
        use yew::virtual_dom::AttributeOrProperty::Attribute;
        match attributes {
            Attributes::Static(attributes) => Self::Static(attributes),
            Attributes::Dynamic { keys, values } => {
                let values = values.into_iter().map(|value| value.map(|value| Attribute(value.0)));
                Self::Dynamic { keys, values: values.collect() }
            }
        }
    }
}

/// The reference of an element, which most have not. Yew allocates one for each.
#[derive(Debug, Default)]
pub struct OptionalRef(Option<NodeRef>);

impl IntoPropValue<OptionalRef> for NodeRef {
    fn into_prop_value(self) -> OptionalRef {
        OptionalRef(Some(self))
    }
}

impl IntoPropValue<OptionalRef> for &NodeRef {
    fn into_prop_value(self) -> OptionalRef {
        OptionalRef(Some(self.clone()))
    }
}

/// What `html!` makes of `<name ..>`: the node of an element.
#[derive(Debug)]
pub struct VTag(VNode);

impl VTag {
    #[doc(hidden)]
    #[must_use]
    #[inline(never)]
    pub fn __new_input(
        value: Option<AttrValue>,
        checked: Option<bool>,
        OptionalRef(node_ref): OptionalRef,
        key: Option<Key>,
        attributes: Attributes,
        listeners: Listeners,
    ) -> Self {
        let (node_ref, attributes) = (node_ref.unwrap_or_default(), attributes.into());
        Self(yew::virtual_dom::VTag::__new_input(value, checked, node_ref, key, attributes, listeners).into())
    }

    #[doc(hidden)]
    #[must_use]
    #[inline(never)]
    pub fn __new_textarea(
        value: Option<AttrValue>,
        default_value: Option<AttrValue>,
        OptionalRef(node_ref): OptionalRef,
        key: Option<Key>,
        attributes: Attributes,
        listeners: Listeners,
    ) -> Self {
        let (node_ref, attributes) = (node_ref.unwrap_or_default(), attributes.into());
        Self(yew::virtual_dom::VTag::__new_textarea(value, default_value, node_ref, key, attributes, listeners).into())
    }

    #[doc(hidden)]
    #[must_use]
    #[expect(clippy::inline_always, reason = "which of these it is is known where it is inlined")]
    #[inline(always)]
    pub fn __new_other(
        tag: AttrValue,
        OptionalRef(node_ref): OptionalRef,
        key: Option<Key>,
        attributes: Attributes,
        listeners: Listeners,
        children: VNode,
    ) -> Self {
        match (tag, node_ref, key, attributes, listeners) {
            (AttrValue::Static(tag), None, None, Attributes::Static(attributes), Listeners::None) => {
                plain(tag, attributes, children)
            }
            (AttrValue::Static(tag), None, None, Attributes::Dynamic { keys, values }, Listeners::None) => {
                described(tag, keys, values, children)
            }
            (tag, node_ref, key, attributes, listeners) => other(tag, node_ref, key, attributes, listeners, children),
        }
    }
}

#[inline(never)]
fn plain(tag: &'static str, attributes: StaticAttributes, children: VNode) -> VTag {
    other(AttrValue::Static(tag), None, None, Attributes::Static(attributes), Listeners::None, children)
}

#[inline(never)]
fn described(tag: &'static str, keys: &'static [&'static str], values: Values, children: VNode) -> VTag {
    other(AttrValue::Static(tag), None, None, Attributes::Dynamic { keys, values }, Listeners::None, children)
}

#[inline(never)]
fn other(
    tag: AttrValue,
    node_ref: Option<NodeRef>,
    key: Option<Key>,
    attributes: Attributes,
    listeners: Listeners,
    children: VNode,
) -> VTag {
    let (node_ref, attributes) = (node_ref.unwrap_or_default(), attributes.into());
    VTag(yew::virtual_dom::VTag::__new_other(tag, node_ref, key, attributes, listeners, children).into())
}

impl From<VTag> for VNode {
    fn from(tag: VTag) -> Self {
        tag.0
    }
}

impl IntoPropValue<VNode> for VTag {
    fn into_prop_value(self) -> VNode {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_keep_their_names_and_values() {
        let values: Values = Box::new([Some(AttributeOrProperty::Attribute("a".into())), None]);
        let attributes = yew::virtual_dom::Attributes::from(Attributes::Dynamic { keys: &["x", "y"], values });
        assert_eq!(attributes.iter().collect::<Vec<_>>(), [("x", "a")]);
        let attributes = Attributes::Static(&[("z", AttributeOrProperty::Static("b"))]);
        assert_eq!(yew::virtual_dom::Attributes::from(attributes).iter().collect::<Vec<_>>(), [("z", "b")]);
    }

    #[test]
    fn an_element_without_a_reference_is_equal_to_one_with_it() {
        let tag = |node_ref: OptionalRef| {
            let attributes = Attributes::Static(&[]);
            VNode::from(VTag::__new_other("p".into(), node_ref, None, attributes, Listeners::None, VNode::default()))
        };
        let referred: OptionalRef = NodeRef::default().into_prop_value();
        assert_eq!(tag(OptionalRef::default()), tag(referred));
        assert!(matches!(tag(OptionalRef::default()), VNode::VTag(_)));
    }
}
