// Makes the widgets of a page live. Where that cannot be, each stays its still picture.
(() => {
  const { src: own, dataset: { runtime, fingerprint } } = document.currentScript;
  const widgets = document.querySelectorAll("[data-widget]");
  if (!location.protocol.startsWith("http")) { // browsers load no modules from a folder
    for (const element of widgets) delete element.dataset.widget; // no place need be kept
    return;
  }

  // The address of a file beside this one, with its digest; the build writes them here.
  const MODULES = {};
  const address = (file) => new URL(`widgets/${file}?sha256=${MODULES[file]}`, own);
  let opened = null;
  let cancels = 0;
  const shared = async () => {
    const { default: open } = await tools.module("runtime.js");
    opened ??= open({ address, fingerprint, runtime: new URL(`${runtime}/`, location.href).href });
    return opened;
  };
  let choices = 0;
  const tools = {
    address,
    // Python for this page, loaded by the first call; null where the site was made without.
    runtime: runtime && {
      address: (file) => new URL(`${runtime}/${file}?v=${new URL(own).searchParams.get("sha256")}`, location.href).href,
      async call(...request) {
        const before = cancels;
        const python = await shared();
        const answer = python.call(...request);
        if (cancels > before) python.cancel(); // a reader may be faster than what is to be stopped
        return answer;
      },
      cancel() {
        cancels += 1;
        opened?.cancel();
      },
      generation: () => opened?.generation() ?? 0,
    },
    module: (file) => import(address(file)),

    // Runs `start` when the widget comes near the window: nobody waits for what is far below.
    whenNear(element, start) {
      const observer = new IntersectionObserver((entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        observer.disconnect();
        start();
      }, { rootMargin: "400px" });
      observer.observe(element);
    },

    // An element with attributes and children: tools.make("button", { type: "button" }, "再抽")
    make(tag, attributes = {}, ...children) {
      const element = document.createElement(tag);
      for (const [name, value] of Object.entries(attributes)) {
        if (typeof value === "function") element.addEventListener(name, value);
        else if (value === true) element.setAttribute(name, "");
        else if (value !== false && value != null) element.setAttribute(name, value);
      }
      element.append(...children.filter((child) => child != null));
      return element;
    },

    // One of a few: `options` are pairs of a value and its word, `chosen` is called with a value.
    choice(legend, options, value, chosen) {
      const name = `choice-${(choices += 1)}`;
      return tools.make("fieldset", {}, tools.make("legend", {}, legend),
        ...options.map(([each, word]) => tools.make("label", {}, tools.make("input", {
          type: "radio", name, value: each, checked: each === value, change: () => chosen(each),
        }), word)));
    },

    // A number out of a text, kept within its limits; what is no number counts as not said.
    number(text, low, high, otherwise) {
      const value = text?.trim() ? Number(text) : NaN;
      return Number.isNaN(value) ? otherwise : Math.min(high, Math.max(low, value));
    },

    // What the address of the page says of a widget, and how to write it there. Only texts:
    // the widget checks each against what it can show.
    state: {
      read: (kind) => Object.fromEntries(
        [...new URLSearchParams(location.search)]
          .filter(([name]) => name.startsWith(`${kind}.`))
          .map(([name, value]) => [name.slice(kind.length + 1), value]),
      ),
      write(kind, values) {
        const url = new URL(location);
        for (const [name, value] of Object.entries(values)) url.searchParams.set(`${kind}.${name}`, value);
        history.replaceState(history.state, "", url);
      },
    },
  };

  const cells = document.querySelector(".cell.runnable");
  if (cells && runtime) tools.whenNear(cells, async () => {
    const [{ default: start }, { default: controls }] = await Promise.all(
      [tools.module("cells.js"), tools.module("controls.js")]);
    start({ ...tools, controls });
  });

  for (const element of widgets) {
    const { widget, settings, packed } = element.dataset;
    const bytes = packed ? Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0)) : null;
    tools.whenNear(element, async () => {
      const { default: start } = await tools.module(`${widget}.js`);
      start(element, { ...tools, settings: JSON.parse(settings), packed: bytes });
    });
  }
})();
