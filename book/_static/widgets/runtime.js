// The page's one Python, shared by all its widgets. It is started by the first call.
const REASONS = {
  loading: "没有取到运行 Python 所需的文件，多半是断了网。联网以后再按一次就好。",
  browser: "这个浏览器太旧，运行不了 WebAssembly。换一个新一点的浏览器就可以。",
  memory: "内存不够了。关掉一些别的网页，或者把数字改小一些，再试一次。",
  another: "网页和它的程序不是同一个版本，网站大概刚刚更新过。请刷新这一页。",
  stopped: "已经停下。",
  slow: "等了很久还没有算完，所以停下了。是不是有一个循环停不下来？",
  gone: "上一次运行的程序把 Python 关掉了，或者还占着它不放，所以这一次没有运行。再按一次，就从新的 Python 开始。",
  strange: "这个程序往网页里送了不该送的东西，所以停下了。再按一次，就从新的 Python 开始。",
};
// A live Python says at once that it has begun. Counted in turns of this thread: on a machine
// that is busy or has slept, they take longer too.
const TURN = 100; // ms
const TURNS = 80;
const [CELLS, EXERCISE] = ["run_cells", "check"]; // what runs readers' code

export class Failure extends Error {
  constructor({ kind, text }) {
    super(REASONS[kind] ?? text);
    this.kind = kind;
    this.detail = text;
  }
}

export default function open({ address, runtime, fingerprint }) {
  let life = null; // of the Python that is there: ends with it
  let ready = null; // a function that sends it a call
  let read = null; // reads what it sends
  let generation = 0; // a new one has forgotten what the one before knew
  let reader = null; // which function has run a reader's code in it
  let current = null; // the call that it works on
  let last = 0;
  let turn = Promise.resolve(); // calls wait for one another
  let ends = 0;
  let reason = null; // of the last end
  const listeners = new Set(); // those who wait for the loading

  function leave() {
    life?.abort();
    life = ready = reader = null;
  }

  function end(why) {
    ends += 1;
    reason = why;
    leave();
    current?.reject(why);
  }

  function start() {
    generation += 1;
    life = new AbortController();
    const { signal } = life;
    ready = new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(reason));
      enter(signal, resolve).catch(reject);
    });
    ready.catch((why) => signal.aborted || end(why instanceof Failure ? why : new Failure({ kind: why.kind ?? "loading", text: why.message })));
  }

  async function enter(signal, resolve) {
    const [{ default: enterRoom }, messages] = await Promise.all([import(address("room.js")), import(address("messages.js"))]);
    read = messages.default;
    const send = await enterRoom({
      address, runtime, fingerprint, signal,
      loading(come, total) {
        for (const listen of listeners) listen({ loading: { come, total } });
      },
      heard(words) {
        const message = read(words, current);
        if (message?.ready) resolve(send);
        else hear(message);
      },
    });
  }

  function hear(message) {
    if (message === null) end(new Failure({ kind: "strange", text: "" }));
    else if (message.broken) end(new Failure(message.broken));
    else if ("begun" in message) current.begun = true;
    else if ("progress" in message) current.onProgress(message.progress);
    else if ("failure" in message) {
      const failed = new Failure(message.failure);
      // A Python that ran out of memory is not to be trusted any more.
      if (failed.kind === "memory") end(failed);
      else current.reject(failed);
    } else current.resolve(message.answer);
  }

  function asked(name, args, onProgress, seconds) {
    const watches = [];
    return new Promise((resolve, reject) => {
      const call = { number: ++last, name, begun: false, onProgress, resolve, reject };
      current = call;
      ready.then((send) => {
        onProgress({ begun: true });
        send({ call: call.number, name, args: typeof args === "function" ? args() : args });
        let turns = 0;
        watches.push(setInterval(() => {
          turns += 1;
          if (!call.begun && turns > TURNS) end(new Failure({ kind: "gone", text: "" }));
        }, TURN));
        if (Number.isFinite(seconds)) {
          watches.push(setTimeout(() => end(new Failure({ kind: "slow", text: "" })), seconds * 1000));
        }
      }).catch(reject);
    }).finally(() => {
      current = null;
      watches.forEach(clearInterval);
    });
  }

  return {
    // Calls a function of nnbook.lab.browser. `onProgress` gets { loading: { come, total } },
    // in bytes, and what the function reports; `seconds` is how long it may take once loaded.
    // `args` may be a function, if they depend on the calls before.
    async call(name, args, onProgress = () => null, { seconds = Infinity } = {}) {
      const before = ends;
      const mine = turn;
      let next;
      turn = new Promise((resolve) => { next = resolve; });
      listeners.add(onProgress);
      try {
        await mine;
        if (ends > before) throw reason;
        // What a reader's code has done to a Python shows in no other run, but in the cells below.
        if (reader && !(reader === CELLS && name === CELLS)) leave();
        if (!life) start();
        if (name === CELLS || name === EXERCISE) reader = name;
        return await asked(name, args, onProgress, seconds);
      } finally {
        if (life && reader === EXERCISE) { // the next one starts while the answer is read
          leave();
          start();
        }
        listeners.delete(onProgress);
        next();
      }
    },

    generation: () => (life ? generation : 0),

    // Ends whatever runs; the next call starts anew.
    cancel: () => end(new Failure({ kind: "stopped", text: "" })),
  };
}
