// Serves the files of the page without a network. It keeps nothing of any user: the page does that itself, and the answers
// of the API never pass through here.
//
// Pages come from the network while it answers, so that a new version is there at the next load, and from the cache
// otherwise. The other files have a hash of their content in their names, so those in the cache are always right.

const SHELL = {{shell}};
const CACHE = "tandem-{{version}}";
/** A page that takes longer than this comes from the cache, in milliseconds. */
const PATIENCE = 4000;

self.addEventListener("install", (event) => {
  // Another version serves the open pages as well: what they need they have loaded, or it has a name of its own.
  self.skipWaiting();
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(["/", ...SHELL])));
});

self.addEventListener("activate", (event) => {
  const removed = caches.keys().then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))));
  event.waitUntil(removed.then(() => self.clients.claim()));
});

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

const page = async (request) => {
  const kept = () => caches.match("/");
  const answer = fetch(request).catch(() => undefined);
  const late = new Promise((done) => setTimeout(done, PATIENCE));
  const first = await Promise.race([answer, late]);
  // A proxy whose server is down answers with a page of its own.
  if (first && first.status < 500) return first;
  return (await kept()) ?? (await answer) ?? Response.error();
};
