//! A conversation with a real language model over two devices: `cargo xtask test real-model` starts one and runs this test.
//!
//! What a small model writes is not foreseeable, so that the test checks what must hold of any text: it streams, both
//! devices have the same bytes, the history goes along, and a stop from the other device reaches the model.

use std::{env, time::Duration};
use tandem_protocol::{
    ConversationId, MessageId,
    enums::MessageState,
    live::{Command, command::MessageRefArgs},
    model::Message,
};
use tandem_tests::{
    Device, TestServer, TestUser,
    device::{assert_equal, is_delta_of},
    fresh,
};

/// Time limit for a reply: a small machine reads the prompt and the tools for a while.
const PATIENCE: Duration = Duration::from_mins(8);

async fn ended(device: &Device, reply: MessageId) -> Message {
    device
        .wait_within(PATIENCE, format_args!("the end of {reply}"), |seen| {
            seen.replica
                .message(reply)
                .filter(|message| message.state.is_final())
                .map(|message| Message::clone(message))
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a model has to be installed: `cargo xtask test real-model`"]
async fn a_conversation_with_a_model_over_two_devices() {
    let url = env::var("TANDEM_MODEL_URL").expect("`cargo xtask test real-model` sets the address of a model");
    let setup = TestServer::setup().env("OPENAI_BASE_URL", url).env("TANDEM_FIRST_TOKEN_TIMEOUT", "5m");
    let server = setup.env("TANDEM_NEXT_TOKEN_TIMEOUT", "2m").start().await;
    let asked = server.command(&["doctor", "--ask", "--set", "TANDEM_FIRST_TOKEN_TIMEOUT=5m"]).expect_success();
    println!("{asked}");

    let user = TestUser::register(&server).await;
    let (laptop, phone) = (Device::connected(&user, "laptop").await, Device::connected(&user, "phone").await);
    let conversation = ConversationId(fresh::id());
    for (speaker, listener, text) in [
        (&laptop, &phone, "Hello! Answer in one short sentence: what is a task list good for?"),
        (&phone, &laptop, "Thank you. And what did I ask you before? One short sentence."),
    ] {
        let reply = speaker.send_message(conversation, text).await.assistant_message.id;
        let message = ended(listener, reply).await;
        assert_eq!(ended(speaker, reply).await.parts, message.parts);
        assert!(message.state != MessageState::Failed, "{message:?}");
        assert_eq!(message.provider.as_ref().map(|provider| provider.name.as_str()), Some("openai"), "{message:?}");
        assert!(listener.look(|seen| seen.frames.iter().any(|frame| is_delta_of(frame, reply))), "text was streamed");
        let usage = message.usage.as_ref().expect("the model counts its tokens");
        assert!(usage.prompt_tokens > 0 && usage.completion_tokens > 0, "{usage:?}");
        println!("{text}\n  {:?} {:?} {usage:?}\n  {}", message.state, message.error, message.text());
    }

    let long = "Write a long story about a lighthouse.";
    let reply = laptop.send_message(conversation, long).await.assistant_message.id;
    phone
        .wait_within(PATIENCE, "the first words", |seen| {
            seen.frames.iter().any(|frame| is_delta_of(frame, reply)).then_some(())
        })
        .await;
    phone.command(&Command::MessageCancel(MessageRefArgs { message_id: reply })).await.expect("any device may stop it");
    let message = ended(&laptop, reply).await;
    println!("{long}\n  {:?}\n  {}", message.state, message.text());
    assert_eq!(message.state, MessageState::Cancelled);
    assert_equal(&laptop, &phone).await;
}
