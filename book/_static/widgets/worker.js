// Runs the library in a thread of its own: Pyodide, NumPy, the library's wheel, the digits.
// Messages in: { begin: {…} } once, then { call, name, args }. Messages out: { loading },
// { ready }, and { call, progress | answer | failure }; a failure is { kind, text }.
const say = (message) => self.postMessage(message);
let python = null;

// Tells how many bytes have come, of those that the build has counted. It reads a copy: of
// the answer itself the browser may keep what it has compiled.
function counted(total) {
  const plain = self.fetch.bind(self);
  let come = 0;
  return async (...request) => {
    const answer = await plain(...request);
    if (answer.ok && answer.body) {
      answer.clone().body.pipeTo(new WritableStream({
        write(chunk) {
          come += chunk.byteLength;
          say({ loading: { come, total } });
        },
      })).catch(() => null); // who reads the answer will say what went wrong
    }
    return answer;
  };
}

async function begin({ runtime, fingerprint }) {
  const of = (path) => new URL(path, runtime).href;
  const version = `?v=${fingerprint}`;
  const library = await (await fetch(of(`library/library.json${version}`), { cache: "no-cache" })).json();
  if (library.fingerprint !== fingerprint) throw Object.assign(new Error(), { kind: "another" });
  self.fetch = counted(library.bytes);
  const [{ loadPyodide }, wheel, data] = await Promise.all([
    import(of("python/pyodide.mjs")),
    ...[library.wheel, library.data].map(async (name) =>
      (await fetch(of(`library/${name}${version}`))).arrayBuffer()),
  ]);
  const pyodide = await loadPyodide({ indexURL: of("python/"), packages: ["numpy"] });
  // As in the repository: chapters read ../data, the library looks beside src/.
  for (const folder of ["/book", "/book/book", "/book/data", "/book/src"]) pyodide.FS.mkdir(folder);
  pyodide.unpackArchive(wheel, "zip", { extractDir: "/book/src" });
  pyodide.FS.writeFile(`/book/data/${library.data}`, new Uint8Array(data));
  pyodide.runPython('import os, sys; os.chdir("/book/book"); sys.path.insert(0, "/book/src")');
  python = pyodide.pyimport("nnbook.lab.browser");
  // What readers run is theirs alone: from here on, nothing leads out of this thread.
  for (const way of ["fetch", "XMLHttpRequest", "WebSocket", "WebTransport", "EventSource", "importScripts", "indexedDB", "caches", "BroadcastChannel"]) {
    try {
      Object.defineProperty(self, way, { value: undefined });
    } catch {
      // not there, or not to be changed
    }
  }
}

function failure(error) {
  const text = String(error?.message ?? error);
  if (error?.kind) return { kind: error.kind, text };
  if (/out of memory|MemoryError|cannot enlarge memory/i.test(text)) return { kind: "memory", text };
  return { kind: "python", text: text.trim().split("\n").at(-1) };
}

self.addEventListener("message", async ({ data }) => {
  if (data.begin) {
    try {
      await begin(data.begin);
      say({ ready: true });
    } catch (error) {
      const old = typeof WebAssembly === "undefined" || error instanceof SyntaxError;
      say({ broken: error?.kind ? failure(error) : { kind: old ? "browser" : "loading", text: String(error?.message ?? error) } });
    }
    return;
  }
  const { call, name, args } = data;
  try {
    const answer = python.call(name, JSON.stringify(args), (text) => say({ call, progress: JSON.parse(text) }));
    say({ call, answer: JSON.parse(answer) });
  } catch (error) {
    say({ call, failure: failure(error) });
  }
});
