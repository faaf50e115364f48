//! Web Push: the key of this server, the devices that receive pushes, and answers from notifications.

use super::{Body, HttpState, Id, Json, Params, Result, SignedIn, State};
use http::StatusCode;
use tandem_protocol::{
    id::SubscriptionId,
    push::{NewSubscription, PushAnswerBody, PushAnswered, PushKey, PushTest, Subscription},
    rest::{Deleted, Page, PageQuery},
};

/// Returns the key for subscriptions in a browser, which all nodes share.
#[utoipa::path(get, path = "/api/v1/push/key", tag = "push",
    security(("session" = [])), responses((status = 200, body = PushKey)))]
pub(crate) async fn key(State(state): State<HttpState>, SignedIn(_): SignedIn) -> Result<Json<PushKey>> {
    Ok(Json(state.services.push_key()?))
}

/// Lists the devices that receive pushes, newest first.
#[utoipa::path(get, path = "/api/v1/push/subscriptions", tag = "push", params(PageQuery),
    security(("session" = [])), responses((status = 200, body = Page<Subscription>)))]
pub(crate) async fn list(
    State(state): State<HttpState>,
    SignedIn(caller): SignedIn,
    Params(query): Params<PageQuery>,
) -> Result<Json<Page<Subscription>>> {
    Ok(Json(state.services.push_subscriptions(&caller, query).await?))
}

/// Adds a device that receives pushes, or changes it. It ends with the session.
#[utoipa::path(post, path = "/api/v1/push/subscriptions", tag = "push", request_body = NewSubscription,
    security(("session" = [])), responses((status = 201, body = Subscription)))]
pub(crate) async fn create(
    State(state): State<HttpState>,
    SignedIn(caller): SignedIn,
    Body(body): Body<NewSubscription>,
) -> Result<(StatusCode, Json<Subscription>)> {
    Ok((StatusCode::CREATED, Json(state.services.subscribe(&caller, body).await?)))
}

/// Removes a device. Nothing is sent to it any more.
#[utoipa::path(delete, path = "/api/v1/push/subscriptions/{id}", tag = "push", params(("id" = SubscriptionId, Path)),
    security(("session" = [])), responses((status = 200, body = Deleted)))]
pub(crate) async fn delete(
    State(state): State<HttpState>,
    SignedIn(caller): SignedIn,
    Id(id): Id<SubscriptionId>,
) -> Result<Json<Deleted>> {
    Ok(Json(state.services.unsubscribe(&caller, id).await?))
}

/// Sends a push to a device, to show that one arrives.
#[utoipa::path(post, path = "/api/v1/push/subscriptions/{id}/test", tag = "push", params(("id" = SubscriptionId, Path)),
    security(("session" = [])), responses((status = 202, body = PushTest)))]
pub(crate) async fn test(
    State(state): State<HttpState>,
    SignedIn(caller): SignedIn,
    Id(id): Id<SubscriptionId>,
) -> Result<(StatusCode, Json<PushTest>)> {
    state.services.test_push(&caller, id).await?;
    Ok((StatusCode::ACCEPTED, Json(PushTest { status: "accepted".to_owned() })))
}

/// Answers a reminder from its notification, with the token of the push instead of a sign-in.
#[utoipa::path(post, path = "/api/v1/push/answers", tag = "push", security(()), request_body = PushAnswerBody,
    responses((status = 200, body = PushAnswered)))]
pub(crate) async fn answer(
    State(state): State<HttpState>,
    Body(body): Body<PushAnswerBody>,
) -> Result<Json<PushAnswered>> {
    Ok(Json(state.services.answer_push(body).await?))
}
