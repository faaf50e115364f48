//! Elements made by calls that exist once.

use yew::{
    AttrValue, Html, NodeRef,
    virtual_dom::{Attributes, Key, Listeners, VTag as Tag},
};

/// What the macro calls for a tag in lower case. Its functions give a node rather than an element, and are never inlined:
/// in place they would move a hundred bytes back and forth at each of a thousand tags.
#[derive(Debug)]
pub struct VTag;

impl VTag {
    /// An `input`.
    #[doc(hidden)]
    #[inline(never)]
    pub fn __new_input(
        value: Option<AttrValue>,
        checked: Option<bool>,
        node_ref: NodeRef,
        key: Option<Key>,
        attributes: Attributes,
        listeners: Listeners,
    ) -> Html {
        Tag::__new_input(value, checked, node_ref, key, attributes, listeners).into()
    }

    /// A `textarea`.
    #[doc(hidden)]
    #[inline(never)]
    pub fn __new_textarea(
        value: Option<AttrValue>,
        defaultvalue: Option<AttrValue>,
        node_ref: NodeRef,
        key: Option<Key>,
        attributes: Attributes,
        listeners: Listeners,
    ) -> Html {
        Tag::__new_textarea(value, defaultvalue, node_ref, key, attributes, listeners).into()
    }

    /// Any other element.
    #[doc(hidden)]
    #[inline(never)]
    pub fn __new_other(
        tag: AttrValue,
        node_ref: NodeRef,
        key: Option<Key>,
        attributes: Attributes,
        listeners: Listeners,
        children: Html,
    ) -> Html {
        Tag::__new_other(tag, node_ref, key, attributes, listeners, children).into()
    }
}
