// The dropout diagram, with another mask of a real `Dropout` for each press of a button. It is
// drawn where the still picture had drawn it, so that nothing jumps.
export const WORDS = {
  draw: "再抽一次",
  mode: "模式",
  modes: { train: "训练模式", eval: "评估模式" },
  layers: ["输入", "隐藏层", "隐藏层", "输出"],
  without: "没有丢弃层",
  training: (rate) => `有丢弃层，丢弃率 ${rate}`,
  evaluating: "有丢弃层，评估模式",
  picture: ([inputs, hidden, , outputs], told) =>
    `左右两张网络图，各有 ${inputs} 个输入、两个隐藏层各 ${hidden} 个神经元和 ${outputs} 个输出。` +
    `左图每个神经元都与下一层相连。右图：${told}`,
  struck: (layer, places) => places.length
    ? `第 ${layer} 个隐藏层划掉从上数第 ${places.join("、")} 个`
    : `第 ${layer} 个隐藏层一个也没有划掉`,
  all: (neurons) => `评估模式：${neurons} 个隐藏神经元全部在场，一个也不划掉`,
  count: (seen, all) => `划法不同，子网络就不同：你已经看到了 ${seen} 个，一共有 ${all} 个。`,
};
// As matplotlib places them.
const [WIDTH, HEIGHT, MIDDLE, STEP, COLUMN, STARTS] = [468, 280.8, 140.4, 27.17, 59.77, [21.83, 266.87]];

export default function start(element, { make, choice, number, state: link, settings, packed }) {
  const { layers, rate, masks, controls } = settings;
  const hidden = layers.slice(1, -1);
  const neurons = hidden.reduce((sum, width) => sum + width);
  const said = link.read("diagram");
  const state = {
    draw: Math.round(number(said.draw, 1, masks, 1)),
    mode: controls.includes("mode") && said.mode === "eval" ? "eval" : "train",
  };
  const seen = new Set();

  const places = (start) => layers.map((width, column) => Array.from({ length: width }, (_, row) =>
    [start + COLUMN * column, MIDDLE + STEP * (row - (width - 1) / 2)]));
  const network = (start) => {
    const columns = places(start);
    const lines = columns.slice(1).flatMap((ends, column) => columns[column].flatMap(([x, y], from) =>
      ends.map(([x2, y2], to) => `<line x1="${x}" y1="${y}" x2="${x2}" y2="${y2}"` +
        ` data-ends="${column}.${from} ${column + 1}.${to}"/>`)));
    const circles = columns.flatMap((column, layer) => column.map(([x, y], place) =>
      `<g class="neuron" data-place="${layer}.${place}" transform="translate(${x} ${y})">` +
      `<circle r="9"/><path d="M-6-6 6 6M-6 6 6-6"/></g>`));
    const names = columns.map(([[x]], layer) => `<text x="${x}" y="267.4">${WORDS.layers[layer]}</text>`);
    const title = `<text x="${start + 1.5 * COLUMN}" y="19.9">${WORDS.without}</text>`;
    return `<g>${lines.join("")}${circles.join("")}${names.join("")}${title}</g>`;
  };
  const drawing = make("div", { class: "figure-drawing" });
  drawing.innerHTML = `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" width="468" height="281" role="img">` +
    `${STARTS.map(network).join("")}</svg>`;
  const picture = drawing.firstChild;
  const right = picture.lastChild;
  const status = make("p", { role: "status" });

  function update() {
    const training = state.mode === "train";
    const bits = (packed[2 * state.draw - 2] << 8) | packed[2 * state.draw - 1];
    if (training) seen.add(bits);
    let bit = neurons;
    const struck = hidden.map((width) => Array.from({ length: width }, (_, place) => place)
      .filter(() => !((bits >> (bit -= 1)) & 1) && training));
    const out = new Set(struck.flatMap((layer, number) => layer.map((place) => `${number + 1}.${place}`)));
    for (const line of right.querySelectorAll("line"))
      line.classList.toggle("out", line.dataset.ends.split(" ").some((end) => out.has(end)));
    for (const neuron of right.querySelectorAll(".neuron"))
      neuron.classList.toggle("out", out.has(neuron.dataset.place));
    right.lastChild.textContent = training ? WORDS.training(rate) : WORDS.evaluating;
    draw.disabled = !training;
    const told = training
      ? struck.map((layer, number) => WORDS.struck(number + 1, layer.map((place) => place + 1))).join("，")
      : WORDS.all(neurons);
    picture.setAttribute("aria-label", `${WORDS.picture(layers, told)}。`);
    const count = training ? WORDS.count(seen.size, (2 ** neurons).toLocaleString("en")) : "";
    status.textContent = `${told}。${count}`;
  }
  const set = (name, value) => {
    state[name] = value;
    update();
    link.write("diagram", { [name]: value });
  };
  const draw = make("button", {
    type: "button", click: () => set("draw", (state.draw % masks) + 1),
  }, WORDS.draw);
  const parts = {
    draw: () => draw,
    mode: () => choice(WORDS.mode, Object.entries(WORDS.modes), state.mode, (mode) => set("mode", mode)),
  };
  update();
  element.replaceChildren(make("div", { class: "live" }, drawing,
    make("div", { class: "controls" }, ...controls.map((name) => parts[name]())), status));
}
