// Pairs with and without dropout, one after another, until the claim comes true.
export const WORDS = {
  title: "一对一对地跑",
  run: "在我的浏览器里一对一对地跑",
  how: "跑几对",
  what: "有减去没有（百分点）",
  seed: "种子",
  progress: (done, all) => `${done} 对，一共 ${all} 对`,
  so: (points, every) => `到现在：加上丢弃层，准确率${points}；${every}。`,
  end: (points, every) => `书里的结果：准确率${points}；${every}。`,
  all: (pairs) => `你这里的 ${pairs} 对，每一对的差都和书里的一样。`,
  some: (same, pairs) => `你这里的 ${pairs} 对里，有 ${same} 对的差和书里的一样。`,
  none: (pairs) => `你这里的 ${pairs} 对，没有一对的差和书里的一样。`,
  why: "不一样的那些，代码和种子也都相同；只是这组实验用 float32 计算，浏览器做加法的次序又和出版时的机器不同，舍入差一点点，训练上万步以后，个别图片的答案就可能翻过来。",
  caution: "点先出来的那几个，平均值和区间会跳来跳去；对数越多，区间越窄。看着区间、觉得满意了就停，是自己骗自己：跑几对，要事先定好。",
};

// Whether the reader's differences are those of the book, seed by seed.
export function agreement(own, book) {
  const same = own.filter((value, seed) => Math.abs(value - book[seed]) < 1e-6).length;
  if (same === own.length) return WORDS.all(same);
  return (same ? WORDS.some(same, own.length) : WORDS.none(own.length)) + WORDS.why;
}

export default async function start(element, tools) {
  const { make, settings, state } = tools;
  const [{ default: chart, span }, { default: controls }] = await Promise.all([
    tools.module("chart.js"), tools.module("controls.js"),
  ]);
  const { most, comparisons, differences: book } = settings;
  const asked = Number(state.read("seeds").pairs);
  const field = make("input", {
    type: "number", min: 2, max: most, step: 1, inputmode: "numeric",
    value: Number.isInteger(asked) && asked >= 2 && asked <= most ? asked : most,
    change({ target }) {
      target.value = Math.min(most, Math.max(2, Math.round(Number(target.value)) || most));
      state.write("seeds", { pairs: target.value });
    },
  });
  const so = make("p", { class: "verdict", role: "status" });
  const place = make("div", {});

  function show({ differences, mean, low, high, points, every }, pairs) {
    const picture = chart({
      x: { range: [-0.5, pairs + 1.5], name: WORDS.seed, write: (tick) => (Number.isInteger(tick) && tick >= 0 && tick < pairs ? String(tick) : "") },
      y: { range: span([...differences, low, high, 0]), name: WORDS.what, write: (tick, digits) => tick.toFixed(digits).replace("-", "−") },
      label: WORDS.so(points, every),
    });
    picture.level(0);
    picture.dots(differences.map((value, seed) => [seed, value]), "blue");
    picture.interval(pairs + 0.7, low, high, mean, "red");
    place.replaceChildren(picture.svg);
    so.textContent = WORDS.so(points, every);
  }

  const panel = controls(tools, {
    label: WORDS.run,
    async run(call) {
      const pairs = Number(field.value);
      so.textContent = "";
      const answer = await call("many_seeds", { seeds: pairs, comparisons });
      show(answer, pairs);
      panel.status.textContent =
        WORDS.end(settings.points, settings.every) + agreement(answer.differences, book);
    },
    say(progress) {
      show(progress, progress.seeds);
      const done = progress.differences.length;
      return { text: WORDS.progress(done, progress.seeds), share: done / progress.seeds };
    },
  });
  element.append(make("section", { class: "live", "aria-label": WORDS.title },
    place,
    so,
    tools.runtime ? make("div", { class: "controls" }, make("label", {}, WORDS.how, field)) : null,
    panel.element,
    tools.runtime ? make("p", { class: "note" }, WORDS.caution) : null,
  ));
}
