//! Formulas as `MathML`, which every current browser lays out and reads aloud by itself.

use tandem_markdown::{Formula, formula};
use yew::prelude::*;

/// A formula; its source, where it has anything that is not known.
pub(super) fn view(source: &str) -> Html {
    match formula(source) {
        Some((formula, display)) => html! {
            <math display={if display { "block" } else { "inline" }} class="math">{ drawn(&formula) }</math>
        },
        None => html! { <span class="tex" dir="ltr">{ source.to_owned() }</span> },
    }
}

fn drawn(formula: &Formula) -> Html {
    match formula {
        Formula::Name(name) => html! { <mi>{ name.clone() }</mi> },
        Formula::Number(number) => html! { <mn>{ number.clone() }</mn> },
        Formula::Operator(sign) => html! { <mo>{ sign.clone() }</mo> },
        Formula::Text(text) => html! { <mtext>{ text.clone() }</mtext> },
        Formula::Row(items) => html! { <mrow>{ for items.iter().map(drawn) }</mrow> },
        Formula::Fraction(above, below) => html! { <mfrac>{ drawn(above) }{ drawn(below) }</mfrac> },
        Formula::Root(inner, None) => html! { <msqrt>{ drawn(inner) }</msqrt> },
        Formula::Root(inner, Some(index)) => html! { <mroot>{ drawn(inner) }{ drawn(index) }</mroot> },
        Formula::Accent(inner, sign) => html! { <mover>{ drawn(inner) }<mo>{ sign.clone() }</mo></mover> },
        Formula::Scripts { base, below, above, limits } => {
            let base = drawn(base);
            match (below, above, limits) {
                (Some(below), Some(above), false) => {
                    html! { <msubsup>{ base }{ drawn(below) }{ drawn(above) }</msubsup> }
                }
                (Some(below), Some(above), true) => {
                    html! { <munderover>{ base }{ drawn(below) }{ drawn(above) }</munderover> }
                }
                (Some(below), None, false) => html! { <msub>{ base }{ drawn(below) }</msub> },
                (Some(below), None, true) => html! { <munder>{ base }{ drawn(below) }</munder> },
                (None, Some(above), false) => html! { <msup>{ base }{ drawn(above) }</msup> },
                (None, Some(above), true) => html! { <mover>{ base }{ drawn(above) }</mover> },
                (None, None, _) => base,
            }
        }
        Formula::Table(rows) => html! {
            <mtable>
                { for rows.iter().map(|row| html! {
                    <mtr>{ for row.iter().map(|cell| html! { <mtd>{ drawn(cell) }</mtd> }) }</mtr>
                }) }
            </mtable>
        },
    }
}
