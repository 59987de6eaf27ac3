// What comes out of the room, for each function of nnbook.lab.browser, and nothing else: whoever
// has changed Python from within can send what they like.
const text = (value) => typeof value === "string";
const number = (value) => typeof value === "number";
const truth = (value) => typeof value === "boolean";
const yes = (value) => value === true;
const maybe = (fits) => (value) => value === null || fits(value);
const list = (fits) => (value) => Array.isArray(value) && value.length <= 500 && value.every(fits);
const record = (parts) => (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value)
  && Object.keys(value).length === Object.keys(parts).length
  && Object.entries(parts).every(([name, fits]) => Object.hasOwn(value, name) && fits(value[name]));

const pairs = record({
  differences: list(number), seeds: number, mean: number, low: number, high: number, points: text, every: text,
});
const FUNCTIONS = {
  reproduce: {
    progress: record({ epoch: number, epochs: number, accuracy: number }),
    answer: record({ accuracy: text, loss: text, published: truth }),
  },
  many_seeds: { progress: pairs, answer: pairs },
  run_cells: {
    progress: record({ cell: number, cells: number }),
    answer: record({ output: text, error: maybe(text), done: number }),
  },
  check: {
    progress: () => false,
    answer: record({
      passed: list(text),
      total: number,
      failure: maybe(record({ check: maybe(text), expected: text, got: text, hint: text, line: maybe(number) })),
      printed: text,
    }),
  },
};
const failure = record({ kind: text, text });
const WITHOUT_CALL = [record({ ready: yes }), record({ broken: failure })];

// The message, or null. `current`: the number and the name of the call that waits for one.
export default function read(words, current) {
  let message;
  try {
    message = JSON.parse(words);
  } catch {
    return null;
  }
  if (WITHOUT_CALL.some((fits) => fits(message))) return message;
  if (!current || message?.call !== current.number) return null;
  const kinds = { begun: yes, failure, ...FUNCTIONS[current.name] };
  const fits = Object.entries(kinds).some(([kind, each]) => record({ call: number, [kind]: each })(message));
  return fits ? message : null;
}
