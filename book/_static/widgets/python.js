// Python itself, in the room: Pyodide, NumPy, the library's wheel, the digits. The first message
// brings their bytes by name, all others are calls: { call, name, args } as JSON. Messages out, as
// JSON: { ready } or { broken }, then { call, begun | progress | answer | failure }; a failure is
// { kind, text }.
const PLACE = "https://files.invalid/"; // no such place: what Pyodide asks for is here already
// The room's policy holds these, too, but Firefox lets fonts through in threads of threads. They do
// not come back: no frame and no other thread can be had here to take them from.
for (const way of ["Worker", "SharedWorker", "FontFace"]) delete self[way];
const { parse, stringify } = JSON; // a reader's program may have replaced them
const say = (message) => self.postMessage(stringify(message));
let python = null;

const named = (files, end) => files[Object.keys(files).find((name) => name.endsWith(end))];
const module = (bytes) => import(URL.createObjectURL(new Blob([bytes], { type: "text/javascript" })));

async function begin(files) {
  const types = { wasm: "application/wasm", json: "application/json" };
  self.fetch = async (address) => {
    const name = String(address?.url ?? address).split("/").at(-1);
    return new Response(named(files, name), { headers: { "Content-Type": types[name.split(".").at(-1)] ?? "application/octet-stream" } });
  };
  const [{ loadPyodide }] = await Promise.all([module(named(files, "pyodide.mjs")), module(named(files, "pyodide.asm.js"))]);
  const pyodide = await loadPyodide({ indexURL: PLACE, packages: ["numpy"] });
  // As in the repository: chapters read ../data, the library looks beside src/.
  for (const folder of ["/book", "/book/book", "/book/data", "/book/src"]) pyodide.FS.mkdir(folder);
  for (const [name, bytes] of Object.entries(files)) {
    const [folder, own] = name.split("/");
    if (folder !== "library") continue;
    if (own.endsWith(".whl")) pyodide.unpackArchive(bytes, "zip", { extractDir: "/book/src" });
    else pyodide.FS.writeFile(`/book/data/${own}`, new Uint8Array(bytes));
  }
  pyodide.runPython('import os, sys; os.chdir("/book/book"); sys.path.insert(0, "/book/src")');
  python = pyodide.pyimport("nnbook.lab.browser");
}

function failure(error) {
  const text = String(error?.message ?? error);
  if (/out of memory|MemoryError|cannot enlarge memory/i.test(text)) return { kind: "memory", text: "" };
  return { kind: "python", text: text.trim().split("\n").at(-1).slice(0, 2000) };
}

function answer({ call, name, args }) {
  say({ call, begun: true }); // else the page takes this thread for ended
  try {
    const told = python.call(name, stringify(args), (text) => say({ call, progress: parse(text) }));
    say({ call, answer: parse(told) });
  } catch (error) {
    say({ call, failure: failure(error) });
  }
}

self.addEventListener("message", async ({ data: files }) => {
  try {
    await begin(files);
    self.addEventListener("message", ({ data }) => answer(parse(data)));
    say({ ready: true });
  } catch (error) {
    const old = typeof WebAssembly === "undefined" || error instanceof SyntaxError;
    say({ broken: { kind: old ? "browser" : "loading", text: failure(error).text } });
  }
}, { once: true });
