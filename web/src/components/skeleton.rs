//! Placeholders for content that is loading. They have the height of the content, so that nothing moves when it
//! arrives.

use crate::components::ticker::use_after;
use yew::prelude::*;

/// The delay before a placeholder appears; faster loading needs none.
const SHOW_AFTER_MS: u32 = 150;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct SkeletonProps {
    pub of: SkeletonOf,
}

/// The content that is loading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SkeletonOf {
    History,
    Tasks,
}

/// A placeholder. Hidden from screen readers, because the region around it is marked as busy.
#[component]
pub(crate) fn Skeleton(props: &SkeletonProps) -> Html {
    let visible = use_after(SHOW_AFTER_MS);
    let content = match props.of {
        SkeletonOf::History => html! {
            <>
                <span class="sk sk-bubble w-58" /><span class="sk w-30" /><span class="sk w-96" />
                <span class="sk w-88" /><span class="sk w-64" />
            </>
        },
        SkeletonOf::Tasks => ["w-70", "w-52", "w-84", "w-44"]
            .into_iter()
            .map(|width| {
                html! {
                    <div class="sk-row"><span class="sk sk-round" /><span class={classes!("sk", width)} /></div>
                }
            })
            .collect(),
    };
    html! {
        <div class={classes!("sk-all", (!visible).then_some("not-yet"))} aria-hidden="true">{ content }</div>
    }
}
