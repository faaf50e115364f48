//! A small server for the scenarios: as much of REST and of the socket as they use.

use crate::account::{Account, Flaw};
use futures_util::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, StatusCode, body::Bytes, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tandem_loadtest::{
    clock::Clock,
    measure::stamp::Stamps,
    provider::{Pace, script::BRIEFLY},
};
use tandem_protocol::{
    ConversationId, MessageId,
    live::{ClientFrame, CloseCode},
    rest::MessageSent,
};
use tokio::{
    net::TcpListener,
    sync::mpsc,
    time::{Instant, sleep_until, timeout},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message as Text,
        handshake::derive_accept_key,
        protocol::{CloseFrame, Role},
    },
};
use uuid::Uuid;

/// A device that does not read for this long is closed.
const STALL: Duration = Duration::from_millis(300);
/// How long the close frame may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(20);

/// Accounts by access token; the email is the token.
#[derive(Clone)]
struct Server {
    accounts: Arc<Mutex<BTreeMap<String, Arc<Mutex<Account>>>>>,
    clock: Clock,
    pace: Pace,
    flaw: Flaw,
}

/// Listens on a free port until the test ends. Only the first account has the flaw.
pub(crate) async fn start(clock: Clock, pace: Pace, flaw: Flaw) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = Server { accounts: Arc::default(), clock, pace, flaw };
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            let server = server.clone();
            let service = service_fn(move |request| answer(server.clone(), request));
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades());
        }
    });
    address
}

async fn answer(server: Server, mut request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path().trim_start_matches("/api/v1/").to_owned();
    let key = request.headers().get("idempotency-key").map(|value| value.to_str().unwrap().to_owned());
    let query = request.uri().query().unwrap_or_default().to_owned();
    let token =
        request.headers().get("authorization").map(|value| value.to_str().unwrap()["Bearer ".len()..].to_owned());
    let account = token.and_then(|token| server.accounts.lock().unwrap().get(&token).cloned());
    if let (Some(account), "ws") = (account.clone(), path.as_str()) {
        let key = derive_accept_key(request.headers()["sec-websocket-key"].as_bytes());
        let upgrade = hyper::upgrade::on(&mut request);
        tokio::spawn(async move {
            let stream = TokioIo::new(upgrade.await.unwrap());
            serve(server, account, WebSocketStream::from_raw_socket(stream, Role::Server, None).await).await;
        });
        let response = Response::builder().status(StatusCode::SWITCHING_PROTOCOLS);
        let response = response.header("connection", "upgrade").header("upgrade", "websocket");
        return Ok(response.header("sec-websocket-accept", key).body(Full::default()).unwrap());
    }
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let answer = match account {
        Some(account) if path == "tasks" => {
            json!(account.lock().unwrap().change_task(&key.unwrap(), "task.create", &body))
        }
        Some(account) => server.rest(&account, &path, &query, &body),
        None => server.enter(&path, &body),
    };
    Ok(Response::new(Full::from(answer.to_string())))
}

impl Server {
    fn enter(&self, path: &str, body: &Value) -> Value {
        let email = body["email"].as_str().unwrap().to_owned();
        let mut accounts = self.accounts.lock().unwrap();
        let number = accounts.len();
        let flaw = if number == 0 { self.flaw } else { Flaw::None };
        let account =
            accounts.entry(email.clone()).or_insert_with(|| Arc::new(Mutex::new(Account::new(number as u128, flaw))));
        if path == "auth/register" {
            return json!({"status": "accepted"});
        }
        let at = "2026-11-23T09:30:00.000Z";
        let session = json!({
            "id": Uuid::nil(), "device_name": null, "ip": null, "user_agent": null, "created_at": at,
            "last_seen_at": at, "expires_at": at, "current": true,
        });
        let user = account.lock().unwrap().user.clone();
        json!({
            "access_token": email, "token_type": "Bearer", "expires_in": 600, "user": user, "session": session,
            "refresh_token": "none",
        })
    }

    fn rest(&self, account: &Arc<Mutex<Account>>, path: &str, query: &str, body: &Value) -> Value {
        let words: Vec<_> = path.split('/').collect();
        match words.as_slice() {
            ["me"] => json!(account.lock().unwrap().user),
            ["snapshot"] => snapshot(&account.lock().unwrap()),
            ["events"] => {
                let since: usize =
                    query.split('&').find_map(|pair| pair.strip_prefix("since=")).unwrap().parse().unwrap();
                let account = account.lock().unwrap();
                let items: Vec<_> = account.log.iter().skip(since).take(500).collect();
                json!({"items": items, "epoch": "e1", "seq": account.seq()})
            }
            ["conversations", id, "messages"] => {
                let id = id.parse().unwrap();
                if body.is_null() { history(&account.lock().unwrap(), id) } else { json!(self.send(account, id, body)) }
            }
            other => panic!("the scenario does not ask for {other:?}"),
        }
    }

    /// Takes a message and streams its reply: one token for a brief one.
    fn send(&self, account: &Arc<Mutex<Account>>, thread: ConversationId, body: &Value) -> MessageSent {
        let id: MessageId = serde_json::from_value(body["id"].clone()).unwrap();
        let text = body["text"].as_str().unwrap();
        let sent = account.lock().unwrap().send(thread, id, text);
        let tokens = if text.contains(BRIEFLY) { 1 } else { self.pace.tokens };
        let (account, clock, pace, reply) = (Arc::clone(account), self.clock, self.pace, sent.assistant_message.id);
        tokio::spawn(async move {
            let (start, mut stamps) = (Instant::now(), Stamps::default());
            for token in 0..tokens {
                sleep_until(start + pace.every * token).await;
                account.lock().unwrap().add_token(reply, &stamps.token(clock.now()));
            }
            account.lock().unwrap().end(reply);
        });
        sent
    }

    fn command(&self, account: &Arc<Mutex<Account>>, id: &str, name: &str, args: &Value) -> String {
        let result = if name == "message.send" {
            let thread = serde_json::from_value(args["conversation_id"].clone()).unwrap();
            json!(self.send(account, thread, args))
        } else {
            json!(account.lock().unwrap().change_task(id, name, args))
        };
        json!({"type": "ack", "id": id, "seq": 0, "result": result}).to_string()
    }
}

fn snapshot(account: &Account) -> Value {
    json!({
        "epoch": "e1", "seq": account.seq(), "user": account.user,
        "conversations": {"items": account.conversations.values().collect::<Vec<_>>(), "next_cursor": null},
        "tasks": account.tasks.values().collect::<Vec<_>>(), "active_messages": [],
    })
}

fn history(account: &Account, thread: ConversationId) -> Value {
    let mut items: Vec<_> = account.messages.values().filter(|message| message.conversation_id == thread).collect();
    items.sort_by_key(|message| (message.created_at, message.role));
    let skipped = items.len().saturating_sub(100);
    json!({"items": &items[skipped..], "next_cursor": null})
}

async fn serve<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin>(
    server: Server,
    account: Arc<Mutex<Account>>,
    mut socket: WebSocketStream<S>,
) {
    let (send, mut outbox) = mpsc::unbounded_channel();
    let stall = if server.flaw == Flaw::WaitsForEver { Duration::MAX } else { STALL };
    loop {
        tokio::select! {
            Some(text) = outbox.recv() => match timeout(stall, socket.send(Text::text(text))).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return,
                Err(_) => {
                    let frame = CloseFrame { code: CloseCode::SlowConsumer.code().into(), reason: "".into() };
                    // The device may have gone for good.
                    let _ = timeout(CLOSE_TIMEOUT, socket.close(Some(frame))).await;
                    return;
                }
            },
            message = socket.next() => {
                let Some(Ok(Text::Text(text))) = message else { return };
                match ClientFrame::parse(&text).unwrap() {
                    ClientFrame::Hello(hello) => {
                        let resume = hello.resume.expect("a device loads the snapshot first");
                        // Replay and subscription are one step, as nothing may lie between them.
                        let mut account = account.lock().unwrap();
                        let welcome = json!({
                            "type": "welcome", "connection_id": Uuid::nil(), "epoch": "e1", "seq": account.seq(),
                            "mode": "resumed", "ping_interval_ms": 20_000, "token_expires_in": 600,
                            "limits": tandem_protocol::limits::Limits::default(),
                        });
                        let known = usize::try_from(resume.seq).unwrap();
                        let forgotten = usize::from(account.skips_event(known));
                        let missed = account.log.iter().skip(known + forgotten);
                        let live = json!({"type": "live", "seq": account.seq()});
                        let replay: Vec<_> = missed.chain([&live]).map(Value::to_string).collect();
                        for text in [welcome.to_string()].into_iter().chain(replay) {
                            send.send(text).unwrap();
                        }
                        account.sockets.push(send.clone());
                    }
                    ClientFrame::Command { id, name, args } => {
                        let args = serde_json::from_str(args.get()).unwrap();
                        send.send(server.command(&account, &id, &name, &args)).unwrap();
                    }
                    ClientFrame::Auth { .. } | ClientFrame::Pong { .. } => {}
                }
            }
        }
    }
}
