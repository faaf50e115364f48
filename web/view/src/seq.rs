//! What `html!` makes of several children, and of `{ .. }` among them.

use std::marker::PhantomData;

use yew::html::IntoPropValue;
use yew::virtual_dom::{VList, VNode};

/// The children of an element, in their order.
#[derive(Debug)]
pub struct ChildrenRenderer(Vec<VNode>);

impl ChildrenRenderer {
    pub fn new(children: Vec<VNode>) -> Self {
        Self(children)
    }
}

impl IntoPropValue<VNode> for ChildrenRenderer {
    #[inline(never)]
    fn into_prop_value(self) -> VNode {
        VList::from(self.0).into()
    }
}

/// The nodes of one expression. Yew's allocates one more list for each.
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

impl<IN, OUT> IntoIterator for NodeSeq<IN, OUT> {
    type Item = OUT;
    type IntoIter = Nodes<OUT>;

    fn into_iter(self) -> Nodes<OUT> {
        self.nodes
    }
}
