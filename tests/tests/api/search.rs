//! The search over all items of a user.

use crate::support::Site;
use serde_json::json;
use tandem_protocol::{
    ConversationId,
    enums::ObjectKind,
    rest::{Page, SearchHit},
};
use tandem_tests::{TestUser, fresh};

on_both!(
    tasks_messages_and_conversations_are_found_by_the_starts_of_words,
    deleted_items_are_not_found,
    query_syntax_is_plain_text,
    pages_hold_every_hit_once,
    a_text_of_any_length_is_found_immediately,
    words_of_every_script_are_found_and_marked,
    filters_narrow_a_search,
);

async fn search(user: &TestUser, words: &str) -> Vec<SearchHit> {
    user.all_pages("/search", &format!("q={words}")).await
}

async fn tasks_messages_and_conversations_are_found_by_the_starts_of_words(site: &Site) {
    let user = TestUser::register(site).await;
    let task = user.add_task("Buy a xylophone").await;
    let conversation = ConversationId(fresh::id());
    let sent = user.send_message(conversation, "hello, about the Zanzibar trip").await;
    let plans = user.start_conversation("Quokka plans").await;

    let hits = search(&user, "xylo").await;
    assert_eq!(hits.len(), 1);
    assert_eq!((hits[0].kind, &hits[0].id), (ObjectKind::Task, &task.id.to_string()));

    let hits = search(&user, "zanzibar").await;
    let hit = hits.iter().find(|hit| hit.id == sent.user_message.id.to_string()).expect("the message is found");
    assert_eq!((hit.kind, hit.conversation_id), (ObjectKind::Message, Some(conversation)));
    let marked: String = hit.snippet.iter().filter(|piece| piece.is_match).map(|piece| piece.text.as_str()).collect();
    assert_eq!(marked.to_lowercase(), "zanzibar");

    let hits = search(&user, "quokka").await;
    assert_eq!((hits[0].kind, &hits[0].id), (ObjectKind::Conversation, &plans.id.to_string()));
    assert!(search(&user, "xylophone%20zanzibar").await.is_empty(), "every word must be there");
    assert!(search(&user, "ylophone").await.is_empty(), "a word is found by its start");
}

async fn deleted_items_are_not_found(site: &Site) {
    let user = TestUser::register(site).await;
    let task = user.add_task("Find the narwhal").await;
    let conversation = user.start_conversation("Narwhals").await;
    user.send_message(conversation.id, "a narwhal, please").await;
    assert!(search(&user, "narwhal").await.len() >= 3);
    user.delete(&format!("/tasks/{}", task.id)).await.expect(200);
    user.delete(&format!("/conversations/{}", conversation.id)).await.expect(200);
    assert!(search(&user, "narwhal").await.is_empty());
}

async fn query_syntax_is_plain_text(site: &Site) {
    let user = TestUser::register(site).await;
    user.add_task("xylophone").await;
    let signs =
        ["%25", "_", "%22", "'", "a%20AND", "NEAR(x", "*", "xylo%22%20OR%20%221", "%5C", "col:x", "-", "()", "%26%7C!"];
    for words in signs {
        let answer = user.get(&format!("/search?q={words}")).await;
        match answer.status {
            200 => assert!(answer.read::<Page<SearchHit>>().items.is_empty(), "{words} is no wildcard: {answer:?}"),
            status => assert_eq!(status, 400, "{answer:?}"),
        }
    }
}

async fn pages_hold_every_hit_once(site: &Site) {
    let user = TestUser::register(site).await;
    for number in 0..5 {
        user.add_task(&format!("wombat {number}")).await;
    }
    let pages: Vec<Vec<SearchHit>> = user.pages("/search", "q=wombat&limit=2").await;
    let mut ids: Vec<String> = pages.into_iter().flatten().map(|hit| hit.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 5);
}

async fn a_text_of_any_length_is_found_immediately(site: &Site) {
    let user = TestUser::register(site).await;
    for (word, words) in [("quetzal", 1), ("okapi", 100), ("axolotl", 1_500)] {
        let description = format!("{} {word}", "filler ".repeat(words));
        assert!(description.chars().count() > 7 * words);
        let description: String =
            description.chars().rev().take(10_000).collect::<Vec<_>>().into_iter().rev().collect();
        let task = user.add(serde_json::json!({ "title": "a thing", "description": description })).await;
        let hits = search(&user, word).await;
        assert_eq!(hits.iter().map(|hit| hit.id.clone()).collect::<Vec<_>>(), [task.id.to_string()], "{word}");
        let changed = serde_json::json!({ "description": description.replace(word, "kakapo") });
        user.patch(&format!("/tasks/{}", task.id)).json(changed).await.expect(200);
        assert!(search(&user, word).await.is_empty(), "{word} is not there any more");
        user.delete(&format!("/tasks/{}", task.id)).await.expect(200);
        assert!(search(&user, "kakapo").await.is_empty());
    }
}

async fn words_of_every_script_are_found_and_marked(site: &Site) {
    let user = TestUser::register(site).await;
    for title in ["東京で会議を予約する", "café visit", "cafe\u{301} rest", "🎂 cake", "learn C++"] {
        user.add_task(title).await;
    }
    for (query, marked) in [
        ("%E4%BC%9A%E8%AD%B0", vec!["会議"]),
        ("caf%C3%A9", vec!["café", "café"]),
        ("cafe", vec!["café", "café"]),
        ("%F0%9F%8E%82", vec!["🎂"]),
        ("c%2B%2B", vec!["C++"]),
    ] {
        let hits = search(&user, query).await;
        let pieces = hits.iter().flat_map(|hit| &hit.snippet).filter(|piece| piece.is_match);
        assert_eq!(pieces.map(|piece| piece.text.as_str()).collect::<Vec<_>>(), marked, "{query}");
    }
}

async fn filters_narrow_a_search(site: &Site) {
    let user = TestUser::register(site).await;
    let titles = async |query: &str| {
        let mut titles: Vec<String> = search(&user, query).await.into_iter().map(|hit| hit.title).collect();
        titles.sort();
        titles
    };
    user.add(json!({ "title": "Heron feed", "list": "Garden", "labels": ["birds"] })).await;
    let done = user.add(json!({ "title": "Heron house", "list": "Garden" })).await;
    user.post(&format!("/tasks/{}/complete", done.id)).await.expect(200);
    let talk = user.start_conversation("Herons abroad").await.id;
    user.send_message(talk, "where do herons winter?").await;

    assert_eq!(titles("heron%20list:garden").await, ["Heron feed", "Heron house"]);
    assert_eq!(titles("heron%20label:birds").await, ["Heron feed"]);
    assert_eq!(titles("heron%20is:done").await, ["Heron house"]);
    assert_eq!(titles("list:Garden%20is:open").await, ["Heron feed"], "filters without words find tasks");
    let in_talk = search(&user, "heron%20in:abroad").await;
    assert!(!in_talk.is_empty() && in_talk.iter().all(|hit| hit.conversation_id == Some(talk)), "{in_talk:?}");
    assert!(search(&user, "heron%20before:2020-01-01").await.is_empty());
    let recent = search(&user, "heron%20after:2020-01-01").await;
    assert!(recent.len() >= 4 && recent.iter().all(|hit| hit.at.is_some()), "{recent:?}");
    assert_eq!(titles("heron%20in:tasks").await, ["Heron feed", "Heron house"]);
    // Letters that are not ASCII have cases, too.
    user.add(json!({ "title": "Bows", "list": "Übung", "labels": ["Größe"] })).await;
    for filter in ["list:Übung", "list:übung", "list:ÜBUNG", "label:größe", "label:Größe"] {
        assert_eq!(titles(filter).await, ["Bows"], "{filter}");
    }
    // Pages go on where the last one ended.
    let paged: Vec<SearchHit> = user.all_pages("/search", "q=heron%20in:tasks&limit=1").await;
    assert_eq!(paged.len(), 2);
}
