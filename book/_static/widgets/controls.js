// A button that starts Python, one that ends it, and a line that says how it goes.
export const WORDS = {
  stop: "停下",
  loading: (come, total) => `正在从本站取 Python、NumPy 和本书的库：${come} / ${total} MB`,
  starting: "正在启动 Python……",
  without: "这个网站出版时没有带上 Python，所以不能在网页里运行。数字和图都在上面；想自己运行，请看本书的源代码。",
  left: (seconds) => (seconds < 90 ? `，大约还要 ${Math.ceil(seconds)} 秒` : `，大约还要 ${Math.ceil(seconds / 60)} 分钟`),
};
const inMegabytes = (bytes) => (bytes / 1e6).toFixed(1);

// `run(call)` does the work; `call` is `tools.runtime.call` with progress told here.
// `say(progress)` gives { text, share } for what the library reports, share from 0 to 1.
export default function controls({ make, runtime }, { label, run, say, seconds }) {
  const status = make("p", { class: "status", role: "status" });
  if (!runtime) {
    status.textContent = WORDS.without;
    return { element: make("div", { class: "run" }, status), status };
  }
  const bar = make("progress", { max: 1, hidden: true, "aria-label": label });
  const begin = make("button", { type: "button", click: start }, label);
  const stop = make("button", { type: "button", class: "quiet", hidden: true, click: () => runtime.cancel() }, WORDS.stop);
  let since = 0;

  function show(progress) {
    if (progress.loading) {
      const { come, total } = progress.loading;
      status.textContent = WORDS.loading(inMegabytes(Math.min(come, total)), inMegabytes(total));
      bar.value = Math.min(1, come / total);
      if (come >= total) {
        status.textContent = WORDS.starting;
        bar.removeAttribute("value");
      }
      return;
    }
    if (progress.begun) {
      since = performance.now();
      bar.removeAttribute("value");
      status.textContent = "";
      return;
    }
    const { text, share } = say(progress);
    const passed = (performance.now() - since) / 1000;
    status.textContent = text + (share > 0 && share < 1 ? WORDS.left((passed / share) * (1 - share)) : "");
    if (share != null) bar.value = share;
  }

  async function start() {
    if (!bar.hidden) return;
    begin.disabled = true;
    bar.hidden = stop.hidden = false;
    bar.removeAttribute("value");
    status.textContent = WORDS.starting;
    stop.focus();
    try {
      await run((name, args) => runtime.call(name, args, show, { seconds }));
    } catch (failure) {
      status.textContent = failure.message;
    } finally {
      const focused = document.activeElement === stop;
      bar.hidden = stop.hidden = true;
      begin.disabled = false;
      if (focused) begin.focus();
    }
  }

  return { element: make("div", { class: "run" }, begin, stop, bar, status), status };
}
