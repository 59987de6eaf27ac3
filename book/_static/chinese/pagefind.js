// Pagefind for Chinese. It cuts a text into words in the build and a question in the
// browser, not always at the same places; so the index holds single characters, and
// a question asks for them: pages with just these words come first.
import * as pagefind from "../../pagefind/pagefind.js";

export * from "../../pagefind/pagefind.js";

const HAN = /[\u3400-\u9fff]+/g;
const spaced = (words) => words.replace(HAN, (run) => ` ${[...run].join(" ")} `).replace(/\s+/g, " ").trim();

export async function search(question, options) {
  if (!question) return pagefind.search(question, options);
  const words = spaced(question.replaceAll('"', " "));
  const exact = await pagefind.search(`"${words}"`, options);
  if (question.includes('"')) return exact;
  const all = await pagefind.search(words, options);
  const found = new Map(exact.results.map((result) => [result.id, result]));
  const results = [
    ...all.results.filter(({ id }) => found.has(id)).map(({ id }) => found.get(id)),
    ...all.results.filter(({ id }) => !found.has(id)),
  ];
  return { ...all, results };
}
