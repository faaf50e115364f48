// Serves the files of the page without a network, and shows what the server pushes. It keeps nothing of any user: the page does
// that itself, and the answers of the API never pass through here.
//
// Pages come from the network while it answers, so that a new version is there at the next load, and from the cache
// otherwise. The other files have a hash of their content in their names, so those in the cache are always right.

const SHELL = {{shell}};
const CACHE = "tandem-{{version}}";
/** A page that takes longer than this comes from the cache, in milliseconds. */
const PATIENCE = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(["/", ...SHELL])));
});

self.addEventListener("activate", (event) => {
  const removed = caches.keys().then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))));
  event.waitUntil(removed);
});

// A page that was loaded while this version waited.
self.addEventListener("message", ({ data }) => data === "begin" && self.skipWaiting());

/** The pages of this site, also those that were loaded before there was a worker. */
const windows = () => self.clients.matchAll({ type: "window", includeUncontrolled: true });

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (SHELL.includes(pathname)) {
    event.respondWith(caches.match(pathname).then((kept) => kept ?? fetch(request)));
  } else if (request.mode === "navigate" && !/^\/(api|mcp|calendar|healthz|readyz)(\/|$)/.test(pathname)) {
    event.respondWith(page(request));
  }
});

const page = async ({ url, headers: asked }) => {
  const kept = await caches.match("/");
  // All pages are the same file. Without this the browser asks for all of it, unless its own cache has that page.
  const headers = { Accept: asked.get("Accept"), "If-None-Match": kept?.headers.get("ETag") ?? "" };
  const answer = fetch(url, { headers, redirect: "manual" }).catch(() => undefined);
  const late = new Promise((done) => setTimeout(done, PATIENCE));
  const first = await Promise.race([answer, late]);
  // A proxy whose server is down answers with a page of its own.
  if (first && first.status !== 304 && first.status < 500) return first;
  return kept ?? (await answer) ?? Response.error();
};

self.addEventListener("push", (event) => {
  const push = event.data?.json();
  if (push) event.waitUntil(show(push));
});

const show = async ({ kind, title, body, path, badge, tag, reminder }) => {
  self.navigator.setAppBadge?.(badge);
  const pages = await windows();
  // A page that is looked at shows it by itself.
  if (kind !== "test" && pages.some((page) => page.visibilityState === "visible")) return;
  const actions = [
    { action: "done", title: "Done" },
    { action: "snooze", title: "Snooze" },
  ];
  await self.registration.showNotification(title, {
    body,
    tag,
    icon: "/icon-192.png",
    data: { path, reminder },
    actions: reminder ? actions : [],
  });
};

self.addEventListener("notificationclick", (event) => {
  const { path, reminder } = event.notification.data;
  event.notification.close();
  event.waitUntil(event.action && reminder ? answer(reminder, event.action, path) : open(path));
});

// Without the page, which alone has an access token: the push brought a token for this answer.
const answer = async ({ token, command_id }, answer, path) => {
  const sent = await fetch("/api/v1/push/answers", {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": command_id },
    body: JSON.stringify({ token, answer }),
  }).catch(() => undefined);
  if (!sent?.ok) await open(path);
};

const open = async (path) => {
  const [page] = await windows();
  if (!page) return self.clients.openWindow(path);
  page.postMessage({ path });
  return page.focus();
};
