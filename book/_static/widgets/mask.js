// A digit, a mask, and what a dropout layer makes of both. Every mask was drawn by a real
// `Dropout` when the book was built; here one is only looked up.
export const WORDS = {
  digit: "数字",
  rate: "丢弃率",
  draw: "再抽一张",
  mode: "模式",
  modes: { train: "训练模式", eval: "评估模式" },
  inverted: "反转丢弃：留下的除以 1 − p",
  input: "输入",
  mask: "掩码",
  output: "输出",
  mean: (mean) => `平均 ${mean}`,
  kept: (share) => `留下 ${share}`,
  none: "没有掩码",
  inputShown: (digit) => `输入：手写数字 ${digit}`,
  maskShown: (struck) => struck ? `掩码：红色的 ${struck} 个像素被丢弃` : "掩码：一个像素也没有被丢弃",
  outputShown: (scaled) => `输出：输入乘以掩码，被丢弃的是零${scaled ? "，蓝色的像素比一大" : ""}`,
  same: "输出：和输入一样",
  training: ({ kept, pixels, share, expected, scale, ratio }) =>
    `这张掩码留下 ${pixels} 个像素里的 ${kept} 个，占 ${share}，预期是 ${expected}。` +
    `${scale ? `留下的除以 ${scale}，蓝色的比 1 大；` : ""}输出的平均是输入的 ${ratio} 倍。`,
  evaluating: "评估模式：没有掩码，输出就是输入，丢弃率和缩放都不起作用。",
  legend: (masks) =>
    `竖线是预期的比例和输入的平均，每个点是一张看过的掩码。每个丢弃率有 ${masks} 张，都由真正的丢弃层抽好。`,
};
const SIDE = 28;
const PIXELS = SIDE * SIDE;
const square = (pixel) => `M${pixel % SIDE} ${Math.floor(pixel / SIDE)}h1v1h-1z`;
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const percent = (share) => `${(100 * share).toFixed(1)}%`;

export default function start(element, { make, choice, number, state: link, settings, packed }) {
  const { rates, masks, controls } = settings;
  const said = Object.fromEntries(
    Object.entries(link.read("mask")).filter(([name]) => controls.includes(name)),
  );
  const state = {
    digit: Math.round(number(said.digit, 0, 9, settings.digit)),
    rate: Math.round(10 * number(said.rate, 0, rates.at(-1), settings.rate)),
    draw: Math.round(number(said.draw, 1, masks, 1)),
    mode: Object.hasOwn(WORDS.modes, said.mode ?? "") ? said.mode : settings.mode,
    inverted: Boolean(number(said.inverted, 0, 1, settings.inverted)),
  };
  const seen = new Set([state.draw]);

  const input = () => [...packed.subarray(state.digit * PIXELS, (state.digit + 1) * PIXELS)]
    .map((level) => level / 255);
  const mask = (call) => {
    const first = 10 * PIXELS + (state.rate * masks + call - 1) * (PIXELS / 8);
    return Array.from({ length: PIXELS }, (_, pixel) =>
      (packed[first + (pixel >> 3)] >> (7 - (pixel & 7))) & 1);
  };

  const panel = (name) => {
    const picture = make("div");
    const caption = make("div");
    return { picture, caption, box: make("div", {}, picture, make("b", {}, WORDS[name]), caption) };
  };
  const panels = { input: panel("input"), mask: panel("mask"), output: panel("output") };
  // Squares, and below them where this mask and those before it lie on a line of a tick.
  const show = ({ picture, caption }, text, label, squares, places = []) => {
    const dots = places.map((place, number) => {
      const x = Math.min(27, Math.max(1, 1 + 26 * place));
      if (!number) return `<path class="tick" d="M${x} 30v4"/>`;
      return `<circle class="dot${number === places.length - 1 ? " now" : ""}" cx="${x}" cy="32" r="0.9"/>`;
    });
    const line = dots.length ? `<path class="line" d="M1 32h26"/>${dots.join("")}` : "";
    picture.innerHTML = `<svg viewBox="0 0 28 34" role="img" aria-label="${label}">` +
      `<rect class="paper" width="28" height="28"/><g>${squares}</g>${line}</svg>`;
    caption.textContent = text;
  };
  const ink = (values) => values.map((value, pixel) => value &&
    `<path ${value > 1 ? 'class="more" ' : ""}d="${square(pixel)}" fill-opacity="${Math.min(1, value).toFixed(2)}"/>`)
    .filter(Boolean).join("");

  const status = make("p", { role: "status" });
  const set = (name, value) => {
    state[name] = value;
    update();
  };
  const keep = (name, value) => link.write("mask", { [name]: value });
  const rate = make("input", {
    type: "range", min: 0, max: rates.length - 1, value: state.rate,
    input: () => set("rate", rate.valueAsNumber),
    change: () => keep("rate", rates[state.rate]),
  });
  const shownRate = make("span", { "aria-hidden": "true" }); // the slider says it itself
  const draw = make("button", {
    type: "button",
    click() {
      seen.add((state.draw % masks) + 1);
      set("draw", (state.draw % masks) + 1);
      keep("draw", state.draw);
    },
  }, WORDS.draw);
  const inverted = make("input", {
    type: "checkbox", checked: state.inverted,
    change() {
      set("inverted", inverted.checked);
      keep("inverted", Number(state.inverted));
    },
  });
  const digit = make("select", {
    change() {
      set("digit", digit.selectedIndex);
      keep("digit", state.digit);
    },
  }, ...Array.from({ length: 10 }, (_, each) =>
    make("option", { selected: each === state.digit }, `${each}`)));
  const parts = {
    digit: () => make("label", {}, WORDS.digit, digit),
    rate: () => make("label", {}, WORDS.rate, rate, shownRate),
    draw: () => draw,
    mode: () => choice(WORDS.mode, Object.entries(WORDS.modes), state.mode, (mode) => {
      set("mode", mode);
      keep("mode", mode);
    }),
    inverted: () => make("label", {}, inverted, WORDS.inverted),
  };

  function update() {
    const training = state.mode === "train";
    const p = rates[state.rate];
    const scale = state.inverted ? 1 - p : 1;
    const x = input();
    const m = mask(state.draw);
    const output = (cover) => x.map((value, pixel) => (value * cover[pixel]) / scale);
    const calls = [...[...seen].filter((call) => call !== state.draw), state.draw].map(mask);
    const [average, kept] = [mean(x), m.reduce((sum, bit) => sum + bit, 0)];
    const half = (value) => value / average / 2; // the tick of the input stands in the middle
    const y = output(m);

    for (const control of [rate, draw, inverted]) control.disabled = !training;
    shownRate.textContent = `${Math.round(100 * p)}%`;
    rate.setAttribute("aria-valuetext", shownRate.textContent);
    show(panels.input, WORDS.mean(average.toFixed(3)), WORDS.inputShown(state.digit), ink(x), [0.5]);
    if (training) {
      const struck = m.map((bit, pixel) => (bit ? "" : square(pixel))).join("");
      show(panels.mask, WORDS.kept(percent(kept / PIXELS)), WORDS.maskShown(PIXELS - kept),
        `<path class="struck" d="${struck}"/>`, [1 - p, ...calls.map(mean)]);
      show(panels.output, WORDS.mean(mean(y).toFixed(3)), kept < PIXELS ? WORDS.outputShown(scale < 1) : WORDS.same, ink(y),
        [0.5, ...calls.map((cover) => half(mean(output(cover))))]);
    } else {
      show(panels.mask, WORDS.none, WORDS.none, "");
      show(panels.output, WORDS.mean(average.toFixed(3)), WORDS.same, ink(x), [0.5, 0.5]);
    }
    status.textContent = training
      ? WORDS.training({
        kept, pixels: PIXELS, share: percent(kept / PIXELS), expected: percent(1 - p),
        scale: scale < 1 && scale.toFixed(1), ratio: (mean(y) / average).toFixed(2),
      })
      : WORDS.evaluating;
  }

  const sign = (text) => make("span", { "aria-hidden": "true" }, text);
  const live = make("div", { class: "live" },
    make("div", { class: "controls" }, ...controls.map((name) => parts[name]())),
    make("div", { class: "product" },
      panels.input.box, sign("×"), panels.mask.box, sign("="), panels.output.box),
    status, make("p", { class: "legend" }, WORDS.legend(masks)));
  update();
  if (settings.keep) element.append(live);
  else element.replaceChildren(live);
}
