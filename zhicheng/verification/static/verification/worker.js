// Keeps the page that checks QR codes for the time without a network. Every answer comes from the
// network where there is one, so nothing old is shown. `ZC` (names of the kept files) is given by
// /v/worker.js, which loads this file.
"use strict";
const wanted = new Set([...ZC.shell, ...ZC.lazy]);

addEventListener("install", (event) => {
  event.waitUntil(caches.open(ZC.name).then((cache) => cache.addAll(ZC.shell)).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("zc-verify-") && name !== ZC.name;
  event.waitUntil(caches.keys()
    .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
    .then(() => clients.claim()));
});

async function fetched(request, path) {
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) await (await caches.open(ZC.name)).put(path, answer.clone());
    return answer;
  } catch (error) {
    const kept = await caches.match(path, { ignoreVary: true });
    if (kept) return kept;
    throw error;
  }
}

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin || !wanted.has(url.pathname)) return;
  event.respondWith(fetched(request, url.pathname));
});
