// Pagefind for Chinese. It cuts a text into words in the build and a question in the
// browser, not always at the same places; so the index of a book in Chinese holds single
// characters, and a question asks for them: pages with just these words come first.
import * as pagefind from "../../pagefind/pagefind.js";

export * from "../../pagefind/pagefind.js";

const chinese = document.documentElement.lang.startsWith("zh");
const HAN = /[\u3400-\u9fff]+/g;
const apart = (words) => (chinese ? words.replace(HAN, (run) => ` ${[...run].join(" ")} `) : words);
const spaced = (words) => apart(words).replace(/\s+/g, " ").trim();

// As long as the other excerpts, see search.js.
const beginning = (text) => (chinese ? text.slice(0, 60) : text.split(" ", 30).join(" "));

const plain = (text) => text.replaceAll("\u200b", "");

// A glossary's entry reads “轮次（epoch）”: it explains either word.
const explains = (entry, question) =>
  plain(entry).toLowerCase().split(/[（）()]/).some((word) => word.trim() === question.toLowerCase());

// A section whose heading holds the question leads the places of its page, and so does the
// entry that explains it. Pagefind tells of an exact phrase only where it stands first.
function headingsFirst(result, question) {
  const data = async () => {
    const page = await result.data();
    const text = plain(page.content);
    const named = page.anchors
      .filter(({ element, text }) => element === "dt"
        ? explains(text, question)
        : /^h[2-6]$/.test(element) && plain(text).includes(question))
      .map(({ id, text: heading }) => {
        const title = plain(heading);
        const rest = text.slice(text.indexOf(title) + title.length).replace(/^[\u3002.\s]+/, "");
        const excerpt = beginning(rest).replaceAll("&", "&amp;").replaceAll("<", "&lt;");
        return { title, url: `${page.url}#${id}`, excerpt };
      });
    const taken = new Set(named.map(({ url }) => url));
    const others = page.sub_results.filter(({ url }) => !taken.has(url));
    return { ...page, sub_results: [...named, ...others] };
  };
  return { ...result, data };
}

// The page that explains what was asked for, if one of the terms does.
async function explaining(words, question, options) {
  const { results } = await pagefind.search(`"${words}"`, { ...options, filters: { "类别": "术语" } });
  for (const result of results) {
    const { anchors } = await result.data();
    if (anchors.some(({ element, text }) => element === "dt" && explains(text, question))) return result.id;
  }
  return null;
}

export async function search(question, options) {
  if (!question) return pagefind.search(question, options);
  const words = spaced(question.replaceAll('"', " "));
  const exact = await pagefind.search(`"${words}"`, options);
  if (question.includes('"')) return exact;
  const all = await pagefind.search(words, options);
  const found = new Map(exact.results.map((result) => [result.id, result]));
  const first = await explaining(words, question.trim(), options);
  const order = ({ id }) => (id === first ? 0 : found.has(id) ? 1 : 2);
  const results = all.results.map((result) => found.get(result.id) ?? result)
    .sort((one, other) => order(one) - order(other)); // among equals, the order stays
  return { ...all, results: results.map((result) => headingsFirst(result, question.trim())) };
}
