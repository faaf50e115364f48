//! Deleting an account leaves nothing.

use crate::support::Site;
use serde_json::json;
use tandem_protocol::{ConversationId, ErrorCode, vocab::Scope};
use tandem_tests::{
    TestUser, eventually, fresh,
    user::{PASSWORD, Visitor},
};

on_both!(deleting_an_account_needs_the_password, a_deleted_account_leaves_no_row);

async fn deleting_an_account_needs_the_password(site: &Site) {
    let user = TestUser::register(site).await;
    user.delete("/me").json(json!({ "password": "wrong password" })).await.refused(ErrorCode::InvalidCredentials);
    user.delete("/me").json(json!({})).await.refused(ErrorCode::InvalidRequest);
    user.get("/me").await.expect(200);
}

async fn a_deleted_account_leaves_no_row(site: &Site) {
    let user = TestUser::register(site).await;
    let canary = fresh::word("canary");
    let conversation = ConversationId(fresh::id());
    user.say(conversation, &format!("Add a task to feed the {canary}")).await;
    eventually("the reply", async || user.snapshot().await.active_messages.is_empty().then_some(())).await;
    user.add(json!({ "title": canary, "description": canary, "labels": [canary], "list": canary })).await;
    user.delete("/tasks/1").key(fresh::id()).await.expect(200);
    user.patch("/me").json(json!({ "name": canary })).await.expect(200);
    user.personal_token(&[Scope::Read]).await;
    let phone = user.sign_in_again(&canary).await;
    let id = user.user().id.to_string();
    let traces = [canary.as_str(), &id, user.email()];
    let database = site.database().await;
    for trace in traces {
        assert!(!database.tables_holding(trace).await.is_empty(), "{trace} is found while it is there");
    }

    user.delete("/me").json(json!({ "password": PASSWORD })).await.expect(204);
    for trace in traces {
        let mut holding = database.tables_holding(trace).await;
        // Deleted words are never found, and leave the bytes of the index when it is pruned: the suite of the store tries it.
        holding.retain(|table| table != "search_words_data");
        assert_eq!(holding, [""; 0], "{trace} is still there");
    }
    for gone in [&user, &phone] {
        assert_eq!(gone.get("/me").await.status, 401);
    }
    let visitor = Visitor::of(site);
    visitor.log_in(user.email(), PASSWORD).await.refused(ErrorCode::InvalidCredentials);
    visitor.register(user.email(), PASSWORD).await.expect(202);
    let again = visitor.sign_in(user.email(), "laptop").await;
    assert!(again.tasks("status=all").await.is_empty(), "the address is free, and nothing comes with it");
}
