// The page's one worker, shared by all its widgets. It is started by the first call.
const REASONS = {
  loading: "没有取到运行 Python 所需的文件，多半是断了网。联网以后再按一次就好。",
  browser: "这个浏览器太旧，运行不了 WebAssembly。换一个新一点的浏览器就可以。",
  memory: "内存不够了。关掉一些别的网页，或者把数字改小一些，再试一次。",
  another: "网页和它的程序不是同一个版本，网站大概刚刚更新过。请刷新这一页。",
  stopped: "已经停下。",
  slow: "等了很久还没有算完，所以停下了。是不是有一个循环停不下来？",
};

export class Failure extends Error {
  constructor({ kind, text }) {
    super(REASONS[kind] ?? text);
    this.kind = kind;
    this.detail = text;
  }
}

export default function open({ address, runtime, fingerprint }) {
  let worker = null;
  let ready = null;
  let last = 0;
  let generation = 0; // of the Python: a new one has forgotten what the one before knew
  const waiting = new Map();
  let listeners = new Set(); // those who wait for the loading

  function end(reason) {
    worker?.terminate();
    worker = ready = null;
    listeners = new Set();
    for (const { reject } of waiting.values()) reject(reason);
    waiting.clear();
  }

  function start() {
    generation += 1;
    worker = new Worker(address("worker.js"), { type: "module" });
    ready = new Promise((resolve, reject) => {
      waiting.set("ready", { resolve, reject });
    });
    ready.catch(() => null);
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      end(new Failure({ kind: waiting.has("ready") ? "loading" : "memory", text: event.message }));
    });
    worker.addEventListener("message", ({ data }) => {
      if (data.loading) for (const listen of listeners) listen({ loading: data.loading });
      else if (data.broken) end(new Failure(data.broken));
      else if (data.ready) {
        waiting.get("ready").resolve();
        waiting.delete("ready");
      } else if (data.progress) waiting.get(data.call)?.onProgress(data.progress);
      else if (data.failure) {
        const failed = new Failure(data.failure);
        // A Python that ran out of memory is not to be trusted any more.
        if (failed.kind === "memory") end(failed);
        else waiting.get(data.call)?.reject(failed);
        waiting.delete(data.call);
      } else if (waiting.has(data.call)) {
        waiting.get(data.call).resolve(data.answer);
        waiting.delete(data.call);
      }
    });
    worker.postMessage({ begin: { runtime, fingerprint } });
  }

  return {
    // Calls a function of nnbook.lab.browser. `onProgress` gets { loading: { come, total } },
    // in bytes, and what the function reports; `seconds` is how long it may take once loaded.
    async call(name, args, onProgress = () => null, { seconds = Infinity } = {}) {
      if (!worker) start();
      listeners.add(onProgress);
      try {
        await ready;
      } finally {
        listeners.delete(onProgress);
      }
      onProgress({ begun: true });
      const call = ++last;
      const answer = new Promise((resolve, reject) => waiting.set(call, { resolve, reject, onProgress }));
      worker.postMessage({ call, name, args });
      const watch = Number.isFinite(seconds)
        ? setTimeout(() => end(new Failure({ kind: "slow", text: "" })), seconds * 1000)
        : null;
      return answer.finally(() => clearTimeout(watch));
    },

    generation: () => (worker ? generation : 0),

    // Ends whatever runs; the next call starts anew.
    cancel: () => end(new Failure({ kind: "stopped", text: "" })),
  };
}
