// A small drawing with axes, in the page's own colours. Enough for a line and for dots.
const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [420, 230, 60, 14, 12, 46];

function draw(tag, attributes, text = "") {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
}

// Multiples of a round step, 1, 2 or 5, some four of them, each with the decimals it needs.
export function ticks([least, most]) {
  const rough = (most - least) / 4;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * size).find((each) => each >= rough);
  const found = [];
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  for (let count = Math.ceil(least / step); count * step <= most + step / 1e6; count += 1)
    found.push([Number((count * step).toFixed(digits)) || 0, digits]); // never -0
  return found;
}

// From the least to the greatest of some values with room around them; all may be the same.
export function span(values) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const room = 0.1 * (most - least) || 1;
  return [least - room, most + room];
}

// `x` and `y`: { range: [least, most], name, write: (value, decimals) => text }
export default function chart({ x, y, label }) {
  const svg = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label, class: "chart" });
  const scale = ([least, most], from, to) => (value) => from + ((value - least) / (most - least)) * (to - from);
  let across = scale(x.range, LEFT, WIDTH - RIGHT);
  let up = scale(y.range, HEIGHT - BOTTOM, TOP);
  const axes = draw("g", { class: "axes" });
  const inside = draw("g", {});
  svg.append(axes, inside);

  function frame() {
    axes.replaceChildren(
      ...ticks(y.range).flatMap(([tick, digits]) => [
        draw("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: up(tick), y2: up(tick), class: "grid" }),
        draw("text", { x: LEFT - 6, y: up(tick) + 4, "text-anchor": "end" }, y.write(tick, digits)),
      ]),
      ...ticks(x.range).map(([tick]) =>
        draw("text", { x: across(tick), y: HEIGHT - BOTTOM + 18, "text-anchor": "middle" }, x.write(tick))),
      draw("text", { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 6, "text-anchor": "middle" }, x.name),
      draw("text", { x: 14, y: HEIGHT / 2 - 16, "text-anchor": "middle", transform: `rotate(-90 14 ${HEIGHT / 2 - 16})` }, y.name),
    );
  }
  frame();

  return {
    svg,
    ranges(wide, high) {
      [x.range, y.range] = [wide, high];
      across = scale(wide, LEFT, WIDTH - RIGHT);
      up = scale(high, HEIGHT - BOTTOM, TOP);
      frame();
    },
    clear: () => inside.replaceChildren(),
    say: (words) => svg.setAttribute("aria-label", words),
    line: (points, colour, dashed = false) => inside.append(draw("polyline", {
      points: points.map(([a, b]) => `${across(a)},${up(b)}`).join(" "),
      style: `stroke: var(--fig-${colour})`,
      class: dashed ? "dashed" : "plain",
    })),
    dots: (points, colour) => inside.append(...points.map(([a, b]) =>
      draw("circle", { cx: across(a), cy: up(b), r: 4, style: `fill: var(--fig-${colour})` }))),
    // From low to high at one place, with a dot for the mean.
    interval: (a, low, high, mean, colour) => inside.append(
      draw("line", { x1: across(a), x2: across(a), y1: up(low), y2: up(high), class: "interval", style: `stroke: var(--fig-${colour})` }),
      draw("circle", { cx: across(a), cy: up(mean), r: 6, style: `fill: var(--fig-${colour})` }),
    ),
    level: (b) => inside.append(draw("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: up(b), y2: up(b), class: "level" })),
  };
}
