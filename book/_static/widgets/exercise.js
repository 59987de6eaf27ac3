// An exercise that checks itself: the reader's code meets the checks of the project's own suite,
// in the reader's browser. Nothing that readers write leaves it.
const SECONDS = 20; // for the checks; a right answer takes less than one
export const WORDS = {
  begin: "开始写",
  goOn: "接着写",
  check: "检查",
  anew: "从头再来",
  back: "找回我写的",
  save: "存成文件",
  opening: "正在打开编辑器……",
  offline: "没有取到编辑器，多半是断了网。联网以后再按一次就好。",
  keys: "Tab 键缩进；先按 Esc，再按 Tab，就离开编辑器。",
  label: (title) => `练习：${title}，在这里写代码`,
  begun: "已经从头开始。",
  found: "找回来了。",
  checking: "正在检查……",
  right: (total) => `${total} 项检查全部通过，写对了！`,
  some: (passed, total) => `通过了 ${passed} 项检查，一共 ${total} 项。`,
  passed: "✓ 通过：",
  failed: "✗ 还没通过：",
  expected: "本来要",
  got: "现在是",
  hint: "提示",
  printed: "你的程序打印了：",
};

export default async function start(element, tools) {
  const { make, runtime, settings: { identity, title, start: beginning } } = tools;
  const { default: controls } = await tools.module("controls.js");
  const still = element.querySelector("pre");
  const kept = store(`nnbook.exercise.${identity}`);
  let editor = null;
  let opening = false;
  let before = null; // what was there when the reader began anew

  const button = (words, click, kind) => make("button", { type: "button", class: kind, click }, words);
  const box = make("div", { class: "editor" });
  const keys = make("p", { class: "note", id: `exercise-${identity}-keys` }, WORDS.keys);
  const answer = make("div", { class: "answer", role: "status" });
  const begin = button(kept.read() === null ? WORDS.begin : WORDS.goOn, open);
  const anew = button(WORDS.anew, beginAnew, "quiet");
  const panel = controls(tools, { label: WORDS.check, run, seconds: SECONDS, say: () => ({ text: WORDS.checking }) });
  panel.status.before(anew, button(WORDS.save, download, "quiet"));
  const writing = make("div", { class: "writing", hidden: true }, box, keys, panel.element);
  element.append(make("section", { class: "live", "aria-label": WORDS.label(title) },
    runtime ? begin : panel.status, writing, answer));

  // Nothing of the editor is loaded before. A button that is disabled would lose the focus.
  async function open() {
    if (opening) return;
    opening = true;
    say(WORDS.opening);
    try {
      const { default: editorIn } = await import(runtime.address("editor/editor.js"));
      editor = editorIn(box, {
        text: kept.read() ?? beginning, label: WORDS.label(title), describedBy: keys.id, changed: kept.write,
      });
      still.hidden = begin.hidden = true;
      writing.hidden = false;
      say();
      editor.focus();
    } catch {
      say(WORDS.offline);
    } finally {
      opening = false;
    }
  }

  async function run(call) {
    say();
    const found = await call("check", { identity, code: editor.text() });
    panel.status.textContent = "";
    say(...told(found));
  }

  function beginAnew() {
    const back = before;
    before = back === null ? editor.text() : null;
    editor.write(back ?? beginning);
    anew.textContent = back === null ? WORDS.back : WORDS.anew;
    say(back === null ? WORDS.begun : WORDS.found);
  }

  function download() {
    const href = URL.createObjectURL(new Blob([editor.text()], { type: "text/x-python" }));
    make("a", { href, download: `${identity}.py` }).click();
    setTimeout(() => URL.revokeObjectURL(href), 1000);
  }

  function say(...parts) {
    answer.replaceChildren(...parts);
  }

  // The answer of the checks as a reader reads it; only texts, whatever the program printed.
  function told({ passed, total, failure, printed }) {
    const items = passed.map((check) => make("li", {}, WORDS.passed + check));
    if (failure?.check) items.push(make("li", {}, WORDS.failed + failure.check));
    return [
      make("p", {}, failure ? WORDS.some(passed.length, total) : WORDS.right(total)),
      items.length ? make("ul", {}, ...items) : "",
      failure ? make("dl", {}, ...["expected", "got", "hint"].flatMap(
        (part) => [make("dt", {}, WORDS[part]), make("dd", {}, failure[part])])) : "",
      ...(printed ? [make("p", {}, WORDS.printed), make("pre", { tabindex: 0 }, printed)] : []),
    ];
  }
}

// Storage, where the browser allows it; otherwise what is written lasts as long as the page.
const store = (key) => {
  const tried = (work) => {
    try {
      return work();
    } catch {
      return null;
    }
  };
  return {
    read: () => tried(() => localStorage.getItem(key)),
    write: (words) => tried(() => localStorage.setItem(key, words)),
  };
};
