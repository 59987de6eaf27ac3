// Keeps a copy of the whole site. With a network, every page comes from there: a stored
// figure is shown only when there is nothing newer to be had, and the page says so.
//
// Whoever runs a script on this origin can write into any cache of it. So a stored file counts
// only with the digest that the build has listed here, each time that it is shown, and nothing
// else of it is believed: its type is told here, too. A file is kept under its digest, so that
// what two releases share is kept, and asked for, once.
// Other sites and other languages of this one may share the origin: names begin with our place.
const SCOPE = new URL(self.registration.scope);
const OURS = `book at ${SCOPE.href} `;
const KEPT = `${OURS}files`;
// Paths with their digests. The first are kept at once; the others, large, for those who use them.
const SITE = new Map(Object.entries("FILES_OF_THE_SITE"));
const FILES = new Map([...SITE, ...Object.entries("FILES_OF_THE_RUNTIME")]);
const TYPES = new Map(Object.entries("TYPES_OF_FILES"));

self.addEventListener("install", (event) => event.waitUntil(fill().then(() => self.skipWaiting())));

self.addEventListener("activate", (event) => event.waitUntil(forget().then(() => self.clients.claim())));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const path = pathOf(url);
  if (request.method !== "GET" || path === null) return;
  const wanted = url.searchParams.get("sha256");
  if (request.mode === "navigate") {
    if (FILES.has(path)) event.respondWith(page(event, path));
  } else if (wanted) event.respondWith(exactly(event, path, wanted));
  else if (FILES.has(path)) event.respondWith(newest(event, path));
});

// What the list calls an address: hosts may leave out index.html, or .html.
function pathOf(url) {
  if (url.origin !== SCOPE.origin || !url.pathname.startsWith(SCOPE.pathname)) return null;
  let path = url.pathname.slice(SCOPE.pathname.length);
  try {
    path = decodeURIComponent(path);
  } catch {
    return null;
  }
  return [path, `${path}index.html`, `${path}.html`].find((each) => FILES.has(each)) ?? path;
}

const integrity = (digest) => `sha256-${digest.replaceAll("-", "+").replaceAll("_", "/")}=`;
const key = (digest) => new URL(`?sha256=${digest}`, SCOPE);

async function digestOf(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return btoa(String.fromCharCode(...digest)).replaceAll("+", "-").replaceAll("/", "_").slice(0, -1);
}

// A file from the network in its listed form; nothing, if it has another or can't be had.
async function fetched(address, digest, cache) {
  try {
    const answer = await fetch(address, { cache, integrity: integrity(digest) });
    return answer.ok ? answer.arrayBuffer() : null;
  } catch {
    return null;
  }
}

// A stored file, if it is whole; what is not goes, so that it is asked for again.
async function stored(path) {
  const digest = FILES.get(path);
  const cache = await caches.open(KEPT);
  const found = digest && (await cache.match(key(digest)));
  if (!found) return null;
  const bytes = await found.arrayBuffer().catch(() => null);
  if (bytes && (await digestOf(bytes)) === digest) return bytes;
  await cache.delete(key(digest));
  return null;
}

// There may be no room left: then it is read from the network, as ever.
async function keep(digest, bytes) {
  try {
    await (await caches.open(KEPT)).put(key(digest), new Response(bytes));
  } catch {
    // `missing` tells
  }
}

async function missing() {
  const there = new Set((await (await caches.open(KEPT)).keys()).map(({ url }) => url));
  return [...SITE].filter(([, digest]) => !there.has(key(digest).href)).map(([path]) => path);
}

// Stores what is listed and not there. What the network has in another form, or not at all, stays
// missing and is asked for again later: an upload may be under way, and readers block what they like.
async function fill() {
  const here = (path) => new URL(path.split("/").map(encodeURIComponent).join("/"), SCOPE);
  const lacking = [];
  for (const path of SITE.keys()) if (!(await stored(path))) lacking.push(path);
  await Promise.all(lacking.map(async (path) => {
    // Past the browser's own cache, which may still hold the site before this one.
    const bytes = await fetched(here(path), SITE.get(path), "no-cache");
    if (bytes) await keep(SITE.get(path), bytes);
  }));
}

async function forget() {
  for (const name of await caches.keys()) {
    if (name.startsWith(OURS) && name !== KEPT) await caches.delete(name);
  }
  const cache = await caches.open(KEPT);
  const listed = new Set([...FILES.values()].map((digest) => key(digest).href));
  for (const request of await cache.keys()) if (!listed.has(request.url)) await cache.delete(request);
}

let filling = null; // once in the life of this worker, which is short

async function page(event, path) {
  let answer = null;
  try {
    // A page is asked for again in any case: the browser's cache is not the network.
    answer = await fetch(event.request.url, { cache: "no-cache", redirect: "manual" });
    if (answer.status < 400 || answer.status === 404 || answer.status === 410) {
      event.waitUntil((filling ??= missing().then((paths) => paths.length && fill())));
      // The room of the runtime is a page within a page, and kept once it was used.
      if (answer.ok && !SITE.has(path)) event.waitUntil(learn(path, answer.clone()));
      const isPage = answer.ok && answer.headers.get("Content-Type")?.startsWith("text/html");
      if (!isPage || (await isWhole(answer.clone()))) return answer;
    }
  } catch {
    // no network
  }
  const bytes = await stored(path);
  if (!bytes) return answer?.ok ? mixed(answer) : (answer ?? Response.error());
  const type = typeOf(path);
  if (!type.startsWith("text/html")) return new Response(bytes, { headers: { "Content-Type": type } });
  // In the page itself, which says so then: a message about it may get lost.
  const lacking = (await missing()).map(encodeURIComponent).join(" ");
  const text = new TextDecoder().decode(bytes).replace("<html ", `<html data-stored="${lacking}" `);
  return new Response(text, { headers: { "Content-Type": type } });
}

// Whether all that a page names is to be had: else an upload is under way, and the page before,
// which is whole, is better.
async function isWhole(page) {
  const named = [...(await page.text()).matchAll(/"((?:_static|_images)\/[^"?]+)\?sha256=([\w-]{43})/g)];
  const found = await Promise.all(named.map(async ([, path, digest]) =>
    (FILES.get(path) === digest && (await stored(path))) || exact(new URL(`${path}?sha256=${digest}`, SCOPE), digest)));
  return found.every(Boolean);
}

// There is no better one: the page says what it is, since its scripts may not come.
async function mixed(page) {
  const text = await page.text();
  const words = "<p class='stored another' role='status'>WORDS_FOR_A_MIXED_PAGE</p>";
  return new Response(text.replace(/<article[^>]*>/, (start) => start + words), { headers: { "Content-Type": typeOf(".html") } });
}

// The browser may have kept another form, of a time when an upload was under way.
async function exact(address, digest) {
  return (await fetched(address, digest, "default")) ?? fetched(address, digest, "reload");
}

// An address that names a digest: those bytes and no others, of whichever release they are.
async function exactly(event, path, wanted) {
  const ours = FILES.get(path) === wanted;
  const bytes = (ours && (await stored(path))) || (await exact(event.request.url, wanted));
  if (!bytes) {
    const client = await self.clients.get(event.clientId);
    client?.postMessage({ another: path });
    return Response.error();
  }
  if (ours) event.waitUntil(keep(wanted, bytes.slice(0)));
  return new Response(bytes, { headers: { "Content-Type": typeOf(path) } });
}

// An address that names none: what the network has, and without it what is stored.
async function newest(event, path) {
  let answer = null;
  try {
    answer = await fetch(event.request);
    if (answer.ok) {
      event.waitUntil(learn(path, answer.clone()));
      // Hosts may not know the types of .mjs and .wasm, and browsers run nothing without.
      const headers = new Headers(answer.headers);
      headers.set("Content-Type", typeOf(path));
      return new Response(answer.body, { status: answer.status, headers });
    }
  } catch {
    // no network
  }
  const bytes = await stored(path);
  return bytes ? new Response(bytes, { headers: { "Content-Type": typeOf(path) } }) : (answer ?? Response.error());
}

async function learn(path, answer) {
  const bytes = await answer.arrayBuffer().catch(() => null);
  if (bytes && (await digestOf(bytes)) === FILES.get(path)) await keep(FILES.get(path), bytes);
}

function typeOf(path) {
  return TYPES.get(/\.\w+$/.exec(path)?.[0]) ?? "application/octet-stream";
}
