"""Credentials for the requests of schemathesis.

Two users, so that no operation invalidates the credentials of the others: one with a personal token for all operations
that accept one, and one that signs in for the rest, again after each request that has ended its session.
"""

import json
import os
import urllib.error
import urllib.request

import schemathesis

URL = os.environ["TANDEM_URL"]
PASSWORD = "correct horse battery staple"


def send(method, path, body=None, token=None):
    """Sends a request and returns the status and the JSON body of the answer."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{URL}/api/v1{path}", data=data, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as refused:
        return refused.code, None


def sign_in(email):
    """An access token of a new session; registers the account when there is none."""
    account = {"email": email, "password": PASSWORD}
    send("POST", "/auth/register", account)
    status, signed_in = send("POST", "/auth/login", {**account, "transport": "body"})
    assert status == 200, f"log-in was answered with {status}"
    return signed_in["access_token"]


def personal_token(session):
    status, made = send("POST", "/tokens", {"name": "schemathesis", "scopes": ["read", "write"]}, session)
    assert status == 201, f"a personal token was answered with {status}"
    return made["token"]


@schemathesis.auth(refresh_interval=None)
class Credentials:
    token = None
    session = None

    def get(self, case, context):
        security = case.operation.definition.raw.get("security", [{"personal_token": []}])
        if any("personal_token" in scheme for scheme in security):
            Credentials.token = Credentials.token or personal_token(sign_in("writer@tandem.test"))
            return Credentials.token
        if not Credentials.session or send("GET", "/me", token=Credentials.session)[0] != 200:
            Credentials.session = sign_in("sessions@tandem.test")
        return Credentials.session

    def set(self, case, credentials, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {credentials}"
