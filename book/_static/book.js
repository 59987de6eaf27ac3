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

if ("stored" in document.documentElement.dataset) {
  const note = document.createElement("p");
  note.className = "stored";
  note.setAttribute("role", "status");
  note.textContent = "现在没有网络。这是上次联网时存下的一页，其中的数字以那时为准。";
  document.querySelector("article").prepend(note);
}

if ("serviceWorker" in navigator && location.protocol.startsWith("http")) {
  const root = document.documentElement.dataset.content_root;
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
