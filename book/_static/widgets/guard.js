// Stands between what readers run and the page, in a thread of its own in the room: whatever a
// program sends arrives here and not in the page. Lets through texts, so long and so many as
// Python's answers are; the first thing else ends the program, and with it all that still waits.
const LONGEST = 200_000; // characters: more than any answer of nnbook.lab.browser has
const MOST = 500; // messages for one call: more than any of its functions reports

self.addEventListener("message", ({ data: { python: program, files }, ports: [page] }) => {
  let left = 1; // one to say that it is ready
  let called = false;
  let python;
  const end = (kind, text) => {
    python?.terminate();
    page.onmessage = null;
    page.postMessage(JSON.stringify({ broken: { kind, text } }));
  };
  try {
    python = new Worker(URL.createObjectURL(new Blob([program], { type: "text/javascript" })));
  } catch (error) { // an old browser
    end("browser", String(error.message));
    return;
  }
  python.addEventListener("message", ({ data }) => {
    if (typeof data !== "string" || data.length > LONGEST || left === 0) {
      end("strange", "");
      return;
    }
    left -= 1;
    page.postMessage(data);
  });
  python.addEventListener("messageerror", () => end("strange", ""));
  python.addEventListener("error", (event) => {
    event.preventDefault();
    // Once it runs, errors that nobody waits for are the reader's own, and end nothing.
    if (/memory/i.test(event.message)) end("memory", "");
    else if (!called) end("browser", String(event.message).slice(0, 300));
  });
  page.onmessage = ({ data }) => {
    called = true;
    left = MOST;
    python.postMessage(data);
  };
  python.postMessage(files, Object.values(files));
}, { once: true });
