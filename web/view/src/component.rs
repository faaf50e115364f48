//! The one component, and the nodes that `html!` makes of it.

use std::any::Any;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::rc::Rc;

use yew::Properties;
use yew::functional::{FunctionComponent, FunctionProvider, HookContext};
use yew::html::{BaseComponent, Context, HtmlResult, IntoPropValue};
use yew::virtual_dom::{Key, VComp, VList, VNode};

/// What `html!` makes of `<Name ..>`: a node that draws the function component `C`.
#[derive(Debug)]
pub struct VChild<C> {
    node: VNode,
    component: std::marker::PhantomData<C>,
}

impl<C: FunctionProvider + 'static> VChild<C> {
    /// A node with the key that its parent gives it.
    pub fn new(props: C::Properties, key: Option<Key>) -> Self {
        Self { node: node(Rc::new(Function::<C>(props)), key), component: std::marker::PhantomData }
    }
}

impl<C> From<VChild<C>> for VNode {
    fn from(child: VChild<C>) -> Self {
        child.node
    }
}

impl<C> IntoPropValue<VNode> for VChild<C> {
    fn into_prop_value(self) -> VNode {
        self.node
    }
}

fn node(draw: Rc<dyn Draw>, key: Option<Key>) -> VNode {
    let mut hasher = DefaultHasher::new();
    (*draw).type_id().hash(&mut hasher);
    // Yew keeps the state of a component while its type and its key stay the same. The type always does here, so the function
    // is the key; the list around it has the key that the parent gave.
    let component = VComp::new::<Component>(Rc::new(Drawn(draw)), Some(hasher.finish().into()));
    VList::with_children(vec![component.into()], key).into()
}

/// A function with its properties.
trait Draw: Any {
    fn run(&self, context: &mut HookContext) -> HtmlResult;
    fn is_equal(&self, other: &dyn Any) -> bool;
}

struct Function<C: FunctionProvider>(C::Properties);

impl<C: FunctionProvider + 'static> Draw for Function<C> {
    fn run(&self, context: &mut HookContext) -> HtmlResult {
        C::run(context, &self.0)
    }

    fn is_equal(&self, other: &dyn Any) -> bool {
        other.downcast_ref::<Self>().is_some_and(|other| self.0 == other.0)
    }
}

/// The properties of [`Component`].
struct Drawn(Rc<dyn Draw>);

impl PartialEq for Drawn {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0) || self.0.is_equal(&*other.0 as &dyn Any)
    }
}

impl Properties for Drawn {
    type Builder = ();

    fn builder() {}
}

/// Draws whatever function its properties have.
struct Component(FunctionComponent<Self>);

impl FunctionProvider for Component {
    type Properties = Drawn;

    fn run(context: &mut HookContext, props: &Drawn) -> HtmlResult {
        props.0.run(context)
    }
}

impl BaseComponent for Component {
    type Message = ();
    type Properties = Drawn;

    fn create(context: &Context<Self>) -> Self {
        Self(FunctionComponent::new(context))
    }

    fn update(&mut self, _: &Context<Self>, (): ()) -> bool {
        true
    }

    fn changed(&mut self, _: &Context<Self>, _: &Drawn) -> bool {
        true
    }

    fn view(&self, context: &Context<Self>) -> HtmlResult {
        self.0.render(context.props())
    }

    fn rendered(&mut self, _: &Context<Self>, _: bool) {
        self.0.rendered();
    }

    fn destroy(&mut self, _: &Context<Self>) {
        self.0.destroy();
    }

    fn prepare_state(&self) -> Option<String> {
        self.0.prepare_state()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(PartialEq)]
    struct Text(&'static str);

    impl Properties for Text {
        type Builder = ();

        fn builder() {}
    }

    struct Heading;
    struct Line;

    impl FunctionProvider for Heading {
        type Properties = Text;

        fn run(_: &mut HookContext, props: &Text) -> HtmlResult {
            Ok(VNode::from(props.0))
        }
    }

    impl FunctionProvider for Line {
        type Properties = Text;

        fn run(_: &mut HookContext, props: &Text) -> HtmlResult {
            Ok(VNode::from(props.0))
        }
    }

    fn of<C: FunctionProvider<Properties = Text> + 'static>(text: &'static str, key: Option<&str>) -> VNode {
        VChild::<C>::new(Text(text), key.map(Into::into)).into()
    }

    /// The key by which Yew decides whether a component keeps its state.
    fn identity(node: &VNode) -> Option<Key> {
        let VNode::VList(list) = node else { panic!("not a list: {node:?}") };
        list.first().and_then(VNode::key).cloned()
    }

    #[test]
    fn a_function_keeps_its_state_when_its_properties_change_and_gives_it_to_no_other() {
        let heading = identity(&of::<Heading>("a", None));
        assert_eq!(heading, identity(&of::<Heading>("b", Some("1"))));
        assert_ne!(heading, identity(&of::<Line>("a", None)));
    }

    #[test]
    fn the_key_of_the_parent_is_the_key_of_the_node() {
        assert_eq!(of::<Line>("a", Some("7")).key().map(ToString::to_string).as_deref(), Some("7"));
        assert!(!of::<Line>("a", None).has_key(), "a list of such nodes is not a list with keys");
    }

    #[test]
    fn nodes_are_equal_when_function_properties_and_key_are() {
        assert_eq!(of::<Line>("a", None), of::<Line>("a", None));
        assert_ne!(of::<Line>("a", None), of::<Line>("b", None));
        assert_ne!(of::<Line>("a", None), of::<Heading>("a", None));
    }
}
