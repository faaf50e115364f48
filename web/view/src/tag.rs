//! Nodes of elements, and lists of nodes.
//!
//! Yew's functions for both are inlined at each place of use: a thousand times the same hundred bytes. Those here are called.

use std::marker::PhantomData;

use yew::html::{ChildrenRenderer, ImplicitClone, IntoPropValue};
use yew::virtual_dom::{Attributes, Key, Listeners, VNode};
use yew::{AttrValue, NodeRef};

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
        node_ref: NodeRef,
        key: Option<Key>,
        attributes: Attributes,
        listeners: Listeners,
    ) -> Self {
        Self(yew::virtual_dom::VTag::__new_input(value, checked, node_ref, key, attributes, listeners).into())
    }

    #[doc(hidden)]
    #[must_use]
    #[inline(never)]
    pub fn __new_textarea(
        value: Option<AttrValue>,
        default_value: Option<AttrValue>,
        node_ref: NodeRef,
        key: Option<Key>,
        attributes: Attributes,
        listeners: Listeners,
    ) -> Self {
        Self(yew::virtual_dom::VTag::__new_textarea(value, default_value, node_ref, key, attributes, listeners).into())
    }

    #[doc(hidden)]
    #[must_use]
    #[expect(clippy::inline_always, reason = "most of it is decided at compile time in the place of use")]
    #[inline(always)]
    pub fn __new_other(
        tag: AttrValue,
        node_ref: NodeRef,
        key: Option<Key>,
        attributes: Attributes,
        listeners: Listeners,
        children: VNode,
    ) -> Self {
        // Which of these it is is known where it is inlined.
        match (tag, key, attributes, listeners) {
            (AttrValue::Static(tag), None, Attributes::Static(attributes), Listeners::None) => {
                plain(tag, node_ref, attributes, children)
            }
            (tag, key, attributes, listeners) => other(tag, node_ref, key, attributes, listeners, children),
        }
    }
}

type StaticAttributes = &'static [(&'static str, yew::virtual_dom::AttributeOrProperty)];

#[inline(never)]
fn plain(tag: &'static str, node_ref: NodeRef, attributes: StaticAttributes, children: VNode) -> VTag {
    other(AttrValue::Static(tag), node_ref, None, Attributes::Static(attributes), Listeners::None, children)
}

#[inline(never)]
fn other(
    tag: AttrValue,
    node_ref: NodeRef,
    key: Option<Key>,
    attributes: Attributes,
    listeners: Listeners,
    children: VNode,
) -> VTag {
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

/// What `html!` makes of `{ .. }` among other children: the nodes of one expression.
#[derive(Debug)]
pub struct NodeSeq<IN, OUT> {
    nodes: Nodes<OUT>,
    from: PhantomData<IN>,
}

/// The nodes of an expression, one after the other.
#[derive(Debug)]
pub enum Nodes<OUT> {
    One(Option<OUT>),
    Many(std::vec::IntoIter<OUT>),
}

impl<OUT> Iterator for Nodes<OUT> {
    type Item = OUT;

    #[inline(never)]
    fn next(&mut self) -> Option<OUT> {
        match self {
            Self::One(node) => node.take(),
            Self::Many(nodes) => nodes.next(),
        }
    }
}

impl<IN, OUT> NodeSeq<IN, OUT> {
    fn new(nodes: Nodes<OUT>) -> Self {
        Self { nodes, from: PhantomData }
    }
}

impl<IN: Into<OUT>, OUT> From<IN> for NodeSeq<IN, OUT> {
    fn from(node: IN) -> Self {
        Self::new(Nodes::One(Some(node.into())))
    }
}

impl<IN: Into<OUT>, OUT> From<Option<IN>> for NodeSeq<IN, OUT> {
    fn from(node: Option<IN>) -> Self {
        Self::new(Nodes::One(node.map(Into::into)))
    }
}

impl<IN: Into<OUT>, OUT> From<Vec<IN>> for NodeSeq<IN, OUT> {
    fn from(nodes: Vec<IN>) -> Self {
        Self::new(Nodes::Many(nodes.into_iter().map(Into::into).collect::<Vec<OUT>>().into_iter()))
    }
}

impl<IN: Into<OUT> + ImplicitClone, OUT> From<&ChildrenRenderer<IN>> for NodeSeq<IN, OUT> {
    fn from(nodes: &ChildrenRenderer<IN>) -> Self {
        Self::new(Nodes::Many(nodes.iter().map(Into::into).collect::<Vec<OUT>>().into_iter()))
    }
}

impl<IN, OUT> IntoIterator for NodeSeq<IN, OUT> {
    type Item = OUT;
    type IntoIter = Nodes<OUT>;

    fn into_iter(self) -> Nodes<OUT> {
        self.nodes
    }
}
