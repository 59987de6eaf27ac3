// The cells of a chapter, to be run and changed in place, in one Python for all of them. What
// a cell needs from those above it is run first, as in a notebook.
export const WORDS = {
  run: "运行",
  edit: "改一改",
  published: "改回原样",
  label: "这一格代码",
  keys: "Tab 键缩进；先按 Esc，再按 Tab，就离开编辑器。",
  // The last of them is the one whose button was pressed.
  running: (cell, cells) => (cell + 1 < cells ? `先运行上面的：第 ${cell + 1} 格，一共 ${cells - 1} 格` : "正在运行……"),
  own: "你这里的输出：",
  above: "上面有一格出了错，所以这一格没有运行。出错的那一格给出：",
  same: "和书里的输出一字不差。",
  other: "和书里的输出不一样。",
  why: "浏览器里的 NumPy 版本不同，做加法的次序也不同，最后几位小数可能有出入。",
  changed: "这一格或者上面的格改过了，不再和书里的输出比较。",
  nothing: "运行完了，没有输出。",
  offline: "没有取到编辑器，多半是断了网。联网以后再按一次就好。",
  not: {
    figure: "这一格要画图，网页里没有画图的库，所以不能在这里运行。",
    runs: "这一格要用许多次训练的结果，在网页里要算很久，所以不能在这里运行。",
    build: "这一格用到了出版时才有的东西，所以不能在这里运行。",
  },
};
const SECONDS = 300;

// What a cell shows in the book, without what browsers and notebooks add at the ends of lines.
const plain = (text) => text.replace(/[ \t]+$/gm, "").trim();

export default function start(tools) {
  const { make, runtime } = tools;
  const found = [...document.querySelectorAll('div.cell[class*="runnable"]')];
  for (const element of found) {
    const reason = Object.keys(WORDS.not).find((each) => element.classList.contains(`not-runnable-${each}`));
    const input = element.querySelector(".cell_input");
    if (reason && input) input.append(make("p", { class: "cell-note" }, WORDS.not[reason]));
  }
  const cells = found.filter((element) => element.matches(".runnable")).map((element) => ({
    element,
    source: element.querySelector(".cell_input pre").textContent.trimEnd(),
    ran: false, // in this Python, as the book has it or as the reader has it
    editor: null,
  }));
  let touched = false; // whether this Python has run anything twice, or changed
  let python = null; // which one it was: after it was stopped, a new one knows nothing

  for (const [number, cell] of cells.entries()) attach(number, cell);

  function attach(number, cell) {
    const input = cell.element.querySelector(".cell_input");
    const output = make("div", { class: "cell-answer", role: "status" });
    const panel = tools.controls(tools, {
      label: WORDS.run,
      seconds: SECONDS,
      say: (progress) => ({ text: WORDS.running(progress.cell, progress.cells) }),
      run,
    });
    const box = make("div", { class: "editor" });
    const edit = make("button", { type: "button", class: "quiet", click: change }, WORDS.edit);
    const bar = make("div", { class: "live cell-live" }, make("div", { class: "controls" }, panel.element, edit), output);
    input.append(box, bar);

    async function change() {
      if (cell.editor) {
        cell.editor.write(cell.source);
        return;
      }
      edit.disabled = true;
      try {
        const { default: editorIn } = await import(runtime.address("editor/editor.js"));
        cell.editor = editorIn(box, { text: cell.source, label: WORDS.label, changed: () => null });
        box.append(make("p", { class: "note" }, WORDS.keys));
        input.querySelector("div.highlight").hidden = true;
        edit.textContent = WORDS.published;
        cell.editor.focus();
      } catch {
        output.replaceChildren(make("p", {}, WORDS.offline));
      } finally {
        edit.disabled = false;
      }
    }

    async function run(call) {
      output.replaceChildren();
      let before;
      const answer = await call("run_cells", () => { // in the Python that is there when its turn comes
        if (python !== runtime.generation()) {
          for (const each of cells) each.ran = false;
          touched = false;
        }
        python = runtime.generation();
        const text = cell.editor?.text() ?? cell.source;
        touched ||= cell.ran || text.trimEnd() !== cell.source;
        before = cells.slice(0, number).filter((each) => !each.ran);
        touched ||= before.some((each) => each.editor && each.editor.text().trimEnd() !== each.source);
        touched ||= cells.slice(number + 1).some((each) => each.ran);
        return {
          cells: [...before.map((each) => each.editor?.text() ?? each.source), text],
          fresh: cells.every((each) => !each.ran),
        };
      });
      for (const each of [...before, cell].slice(0, answer.done)) each.ran = true;
      panel.status.textContent = "";
      output.replaceChildren(...told(answer, before.length));
    }

    function told({ output: own, error, done }, above) {
      const shown = own + (error ?? "");
      if (error && done < above) return [make("p", {}, WORDS.above), make("pre", { tabindex: 0 }, shown)];
      const parts = shown ? [make("p", {}, WORDS.own), make("pre", { tabindex: 0 }, shown)] : [make("p", {}, WORDS.nothing)];
      if (touched) return [...parts, make("p", {}, WORDS.changed)];
      const book = [...cell.element.querySelectorAll(".cell_output pre")].map((each) => each.textContent).join("");
      if (!book && !shown) return parts;
      if (plain(book) === plain(shown)) return [...parts, make("p", {}, `✓ ${WORDS.same}`)];
      return [...parts, make("p", {}, WORDS.other + (error ? "" : WORDS.why))];
    }
  }
}
