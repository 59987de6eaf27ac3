// On every page: Ctrl+K leads to the search, and the site is kept for reading offline.
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") return;
  const box = document.querySelector("#search input, .sidebar-search");
  if (!box) return;
  event.preventDefault();
  const navigation = document.getElementById("__navigation");
  if (box.matches(".sidebar-search") && navigation) navigation.checked = box.offsetParent === null || navigation.checked;
  box.focus();
  box.select();
});

// A word above the text, once: what kind of copy this page is.
function note(kind, words) {
  if (document.querySelector(`.stored.${kind}`)) return;
  const element = document.createElement("p");
  element.className = `stored ${kind}`;
  element.setAttribute("role", "status");
  element.textContent = words;
  document.querySelector("article").prepend(element);
}

const { stored } = document.documentElement.dataset; // paths that were not stored
if (stored !== undefined) {
  const paths = stored.split(" ").filter(Boolean).map(decodeURIComponent);
  const more = paths.length > 3 ? "……" : "";
  const lacking = paths.length ? `有 ${paths.length} 个文件没有存下：${paths.slice(0, 3).join("、")}${more}` : "";
  note("kept", `取不到新的一页，也许现在没有网络。这是上次联网时存下的一页，其中的数字以那时为准。${lacking}`);
}

const another = () => note("another", "这一页有一部分没有取到，或者是另一个版本的：网站也许正在更新。过几分钟再刷新这一页。");

// Addresses name the digests of what they lead to. What came with the page is looked at once more, out
// of the browser's own cache; what that has kept wrongly is fetched anew, for the next time.
async function whole() {
  const named = [...document.querySelectorAll("[src*='sha256='], link[href*='sha256=']")];
  await Promise.all(named.map(async ({ src, href }) => {
    const address = src ?? href;
    const digest = new URL(address).searchParams.get("sha256").replaceAll("-", "+").replaceAll("_", "/");
    const ask = (cache) => fetch(address, { cache, integrity: `sha256-${digest}=` });
    await ask("force-cache").catch(() => {
      another();
      return ask("reload").catch(() => null);
    });
  }));
}

if (location.protocol.startsWith("http")) addEventListener("load", whole);

if ("serviceWorker" in navigator && location.protocol.startsWith("http")) {
  const root = document.documentElement.dataset.content_root;
  navigator.serviceWorker.addEventListener("message", ({ data }) => data.another && another());
  navigator.serviceWorker.startMessages();
  // After everything that the reader waits for.
  addEventListener("load", () => navigator.serviceWorker.register(new URL(`${root}sw.js`, location.href)).catch(() => null));
}

// To the same place in the other language: the last name of a section is one that it has in all
// of them, but for those that are mere numbers.
for (const link of document.querySelectorAll("a.language")) {
  link.addEventListener("click", () => {
    const sections = [...document.querySelectorAll("article section[id]")];
    const here = sections.findLast((section) => section.getBoundingClientRect().top < innerHeight / 4);
    const names = here ? [here, ...here.querySelectorAll(":scope > span[id]")].map(({ id }) => id) : [];
    link.hash = here === sections[0] ? "" : (names.findLast((name) => !/^id\d+$/.test(name)) ?? "");
  });
}
