// The editor of the exercises. The build puts it beside CodeMirror's own modules and turns the
// names of packages into their addresses; nothing of it is loaded before a reader begins.
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

// The colours of the page, so that light and dark need no more than its own switch.
const theme = EditorView.theme({
  "&": { backgroundColor: "var(--color-background-secondary)", color: "var(--fig-ink)" },
  "&.cm-focused": { outline: "3px solid var(--color-brand-primary)", outlineOffset: "2px" },
  ".cm-scroller": { fontFamily: "var(--font-stack--monospace)", lineHeight: "1.6" },
  ".cm-content": { caretColor: "var(--fig-ink)" },
  ".cm-cursor": { borderLeftColor: "var(--fig-ink)" },
  ".cm-gutters": { backgroundColor: "var(--color-background-secondary)", border: "0", color: "var(--fig-muted)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "transparent" },
  "&.cm-focused .cm-activeLine": { boxShadow: "inset 2px 0 var(--color-brand-primary)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground":
    { backgroundColor: "var(--fig-grid)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "transparent", outline: "1px solid var(--fig-muted)" },
});
const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: "var(--fig-red)" },
  { tag: [tags.function(tags.definition(tags.variableName)), tags.definition(tags.className)], color: "var(--fig-blue)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--fig-green)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--fig-orange)" },
  { tag: tags.comment, color: "var(--fig-muted)" },
]);

// Opens an editor. Tab indents; after Escape it leaves, which is CodeMirror's own way.
export default function open(parent, { text, label, describedBy, changed }) {
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(), drawSelection(), highlightActiveLine(), history(), bracketMatching(), indentOnInput(),
        indentUnit.of("    "), python(), theme, syntaxHighlighting(colours),
        keymap.of([indentWithTab, ...historyKeymap, ...defaultKeymap]),
        EditorView.contentAttributes.of({ "aria-label": label, "aria-describedby": describedBy, tabindex: "0" }),
        EditorView.updateListener.of((update) => update.docChanged && changed(view.state.doc.toString())),
      ],
    }),
  });
  return {
    text: () => view.state.doc.toString(),
    write: (words) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: words } }),
    focus: () => view.focus(),
  };
}
