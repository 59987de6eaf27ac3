// Keeps a copy of the whole site. With a network, every page comes from there: a stored
// figure is shown only when there is nothing newer to be had, and the page says so.
// Other sites and other languages of this one may share the origin: names begin with our place.
const OURS = `book at ${self.registration.scope} `;
const VERSION = "VERSION_OF_THE_SITE";
const SITE = OURS + VERSION;
const FILES = ["FILES_OF_THE_SITE"];
// What runs Python is large: it is kept when a reader has used it, and asked for only once.
const RUNTIME = `${OURS}runtime VERSION_OF_THE_RUNTIME`;
const RUNTIME_FOLDER = new URL("runtime/", self.location).href;

self.addEventListener("install", (event) => {
  // Past the browser's own cache, which may still hold the site before this one.
  const requests = FILES.map((file) => new Request(encodeURI(file), { cache: "no-cache" }));
  event.waitUntil(caches.open(SITE).then((cache) => cache.addAll(requests)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith(OURS) && ![SITE, RUNTIME].includes(name)).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== self.location.origin) return;
  if (request.url.startsWith(RUNTIME_FOLDER)) {
    event.respondWith(keptOnce(request));
    return;
  }
  const isPage = request.mode === "navigate";
  // A page is asked for again in any case: the browser's cache is not the network.
  const answer = isPage ? fetch(request.url, { cache: "no-cache" }) : fetch(request);
  event.respondWith(
    answer.catch(async (error) => {
      const cache = await caches.open(SITE);
      const url = new URL(request.url);
      const name = url.pathname.endsWith("/") ? `${url.pathname}index.html` : url.pathname;
      const found = await cache.match(new URL(name, url), { ignoreSearch: true });
      if (!found) throw error;
      return isPage ? marked(found) : found;
    }),
  );
});

async function keptOnce(request) {
  const cache = await caches.open(RUNTIME);
  const found = await cache.match(request, { ignoreSearch: true });
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

// In the page itself, which says so then: a message about it may get lost.
async function marked(page) {
  const text = await page.text();
  return new Response(text.replace("<html ", "<html data-stored "), { headers: page.headers });
}
