// The published run, run by the reader, or what the reader has made of it.
export const WORDS = {
  title: "自己跑一遍",
  run: "在我的浏览器里运行",
  names: { rate: "丢弃率", epochs: "轮次", width: "隐藏神经元", seed: "种子" },
  back: "改回基准实验",
  note: "按下按钮才开始：先从本站取 Python、NumPy 和本书的库，大约十几 MB，取过一次就留着；然后在你的浏览器里训练，什么也不会发出去。",
  progress: (epoch, epochs) => `第 ${epoch} 个轮次，一共 ${epochs} 个`,
  label: (epochs, accuracy) => `你的曲线，${epochs} 个轮次，最后是 ${accuracy}`,
  waiting: "虚线是本书发布的曲线。运行以后，你的曲线会用实线画在上面。",
  same: (accuracy) => `发布的 ${accuracy} · 你的 ${accuracy} · 一字不差。损失也一样，直到小数点后第十位。`,
  nearly: (accuracy, published, own) => `发布的 ${accuracy} · 你的 ${accuracy}，准确率一样；损失不一样：发布的 ${published}，你的 ${own}。`,
  apart: (published, own) => `发布的 ${published} · 你的 ${own}。两边用的是同一份代码，可是浏览器和出版时的机器不是用同样的次序做加法，舍入就有一点点不同；训练一长，个别图片的答案会因此翻过来。`,
  changed: (own, published) => `你的 ${own}。设置改过了，这已经不是本书发布的那次实验（那次是 ${published}），也只是一个种子，不要拿来比高低。`,
};
const percent = (share, digits = 0) => `${(100 * share).toFixed(digits)}%`;

export default async function start(element, tools) {
  const { make, settings, state } = tools;
  const [{ default: chart }, { default: controls }] = await Promise.all([
    tools.module("chart.js"), tools.module("controls.js"),
  ]);
  const { axes: [across, up], limits, defaults, published } = settings;
  const asked = state.read("run");
  const valid = (name, text) => {
    const [kind, least, most] = limits[name];
    const value = Number(text);
    const fits = text.trim() !== "" && value >= least && value <= most && (kind === "float" || Number.isInteger(value));
    return fits ? value : null;
  };
  const fields = Object.fromEntries(Object.keys(limits).map((name) => {
    const [kind, least, most] = limits[name];
    return [name, make("input", {
      type: "number", min: least, max: most, step: kind === "float" ? 0.05 : 1,
      value: valid(name, asked[name] ?? "") ?? defaults[name], inputmode: "decimal", change: changed,
    })];
  }));
  const values = () => Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, valid(name, field.value) ?? defaults[name]]));
  const isPublished = () => Object.entries(values()).every(([name, value]) => value === defaults[name]);

  const back = make("button", { type: "button", class: "quiet", click: reset }, WORDS.back);
  const verdict = make("p", { class: "verdict", role: "status" });
  const curve = published.curve.map((share, index) => [index + 1, share]);
  const picture = chart({
    x: { range: [1, curve.length], name: across, write: (epoch) => (Number.isInteger(epoch) ? String(epoch) : "") },
    y: { range: [0, 1], name: up, write: (share) => percent(share) },
    label: WORDS.waiting,
  });

  function show(own, epochs) {
    const last = Math.max(epochs, 2);
    const lowest = Math.min(...curve.map(([, share]) => share), ...own.map(([, share]) => share));
    picture.ranges([1, last], [Math.max(0, lowest - 0.03), 1]);
    picture.clear();
    picture.line(curve.slice(0, last), "muted", true);
    if (own.length) {
      picture.line(own, "blue");
      picture.dots([own.at(-1)], "blue");
      picture.say(WORDS.label(own.length, percent(own.at(-1)[1], 2)));
    }
  }

  function changed({ target }) {
    const name = Object.keys(fields).find((each) => fields[each] === target);
    target.value = valid(name, target.value) ?? defaults[name];
    state.write("run", values());
    back.hidden = isPublished();
    show([], values().epochs);
    verdict.textContent = "";
  }

  function reset() {
    for (const [name, field] of Object.entries(fields)) field.value = defaults[name];
    changed({ target: fields.seed });
    fields.rate.focus();
  }

  async function run(call) {
    const used = values();
    const own = [];
    verdict.textContent = "";
    show(own, used.epochs);
    follow = ({ epoch, accuracy }) => {
      own.push([epoch, accuracy]);
      show(own, used.epochs);
    };
    const answer = await call("reproduce", { settings: used });
    panel.status.textContent = "";
    verdict.textContent = !answer.published
      ? WORDS.changed(answer.accuracy, published.accuracy)
      : answer.accuracy !== published.accuracy
        ? WORDS.apart(published.accuracy, answer.accuracy)
        : answer.loss === published.loss ? WORDS.same(answer.accuracy) : WORDS.nearly(answer.accuracy, published.loss, answer.loss);
  }

  let follow = () => null;
  const panel = controls(tools, {
    label: WORDS.run,
    run,
    say(progress) {
      follow(progress);
      return { text: WORDS.progress(progress.epoch, progress.epochs), share: progress.epoch / progress.epochs };
    },
  });
  back.hidden = isPublished();
  show([], values().epochs);
  const numbers = element.querySelector("details.numbers"); // of the published curve
  element.replaceChildren(make("section", { class: "live", "aria-label": WORDS.title },
    picture.svg,
    numbers,
    tools.runtime ? make("div", { class: "controls fields" },
      ...Object.entries(fields).map(([name, field]) => make("label", {}, WORDS.names[name], field)), back) : null,
    panel.element,
    verdict,
    tools.runtime ? make("p", { class: "note" }, WORDS.note) : null,
  ));
}
