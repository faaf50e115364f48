//! The one component that draws all function components.

use std::{any::Any, fmt, marker::PhantomData, rc::Rc};
use yew::{
    BaseComponent, Context, FunctionComponent, FunctionProvider, Html, HtmlResult, Properties,
    functional::HookContext,
    html::{ChildrenRenderer, IntoPropValue},
    virtual_dom::{Key, VComp},
};

/// A function component with its properties, as one of many.
trait Drawn: Any {
    /// Draws it, with the hooks of the place where it stands.
    fn draw(&self, hooks: &mut HookContext) -> HtmlResult;
    /// Whether it is the same component with equal properties.
    fn same(&self, other: &dyn Drawn) -> bool;
    /// Whether it is the same component.
    fn same_kind(&self, other: &dyn Drawn) -> bool;
}

struct Of<C: FunctionProvider>(C::Properties);

impl<C: FunctionProvider + 'static> Drawn for Of<C> {
    fn draw(&self, hooks: &mut HookContext) -> HtmlResult {
        C::run(hooks, &self.0)
    }

    fn same(&self, other: &dyn Drawn) -> bool {
        (other as &dyn Any).downcast_ref::<Self>().is_some_and(|other| self.0 == other.0)
    }

    fn same_kind(&self, other: &dyn Drawn) -> bool {
        (other as &dyn Any).is::<Self>()
    }
}

/// Properties of [`Part`].
#[derive(Clone, Properties)]
pub struct PartProps {
    drawn: Rc<dyn Drawn>,
}

impl PartialEq for PartProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.drawn, &other.drawn) || self.drawn.same(&*other.drawn)
    }
}

impl fmt::Debug for PartProps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PartProps")
    }
}

/// Draws whichever function component it is given.
pub struct Part {
    function: FunctionComponent<Self>,
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Part")
    }
}

impl FunctionProvider for Part {
    type Properties = PartProps;

    fn run(hooks: &mut HookContext, props: &PartProps) -> HtmlResult {
        props.drawn.draw(hooks)
    }
}

impl BaseComponent for Part {
    type Message = ();
    type Properties = PartProps;

    fn create(context: &Context<Self>) -> Self {
        Self { function: FunctionComponent::new(context) }
    }

    fn update(&mut self, _: &Context<Self>, (): ()) -> bool {
        true
    }

    fn changed(&mut self, context: &Context<Self>, before: &PartProps) -> bool {
        if !before.drawn.same_kind(&*context.props().drawn) {
            // To Yew it is the same component with other properties; the hooks of the one before are not its own.
            self.function.destroy();
            self.function = FunctionComponent::new(context);
        }
        true
    }

    fn view(&self, context: &Context<Self>) -> HtmlResult {
        self.function.render(context.props())
    }

    fn rendered(&mut self, _: &Context<Self>, _: bool) {
        self.function.rendered();
    }

    fn destroy(&mut self, _: &Context<Self>) {
        self.function.destroy();
    }

    fn prepare_state(&self) -> Option<String> {
        self.function.prepare_state()
    }
}

/// What the macro makes of a component's tag.
pub struct VChild<C> {
    node: Html,
    component: PhantomData<C>,
}

impl<C> VChild<C>
where
    C: BaseComponent + FunctionProvider<Properties = <C as BaseComponent>::Properties>,
{
    /// The component with these properties.
    pub fn new(props: <C as BaseComponent>::Properties, key: Option<Key>) -> Self {
        Self { node: node(Rc::new(Of::<C>(props)), key), component: PhantomData }
    }
}

#[inline(never)]
fn node(drawn: Rc<dyn Drawn>, key: Option<Key>) -> Html {
    VComp::new::<Part>(Rc::new(PartProps { drawn }), key).into()
}

impl<C> fmt::Debug for VChild<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VChild")
    }
}

impl<C> From<VChild<C>> for Html {
    fn from(child: VChild<C>) -> Self {
        child.node
    }
}

impl<C> IntoPropValue<Html> for VChild<C> {
    fn into_prop_value(self) -> Html {
        self.node
    }
}

impl<C> IntoPropValue<ChildrenRenderer<Html>> for VChild<C> {
    fn into_prop_value(self) -> ChildrenRenderer<Html> {
        ChildrenRenderer::new(vec![self.node])
    }
}
