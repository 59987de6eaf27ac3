// Opens the room in which Python runs: a frame of an origin that is nobody's. It has no network,
// no storage, no cookies and no neighbours; what it needs is fetched here and handed in.
const failure = (kind, text) => Object.assign(new Error(text), { kind });

// The bytes of a file, as the build has counted and sealed them.
async function taken(address, { bytes, sha256 }, { signal, come }) {
  const answer = await fetch(address, { signal });
  if (!answer.ok) throw failure("loading", `${address}: ${answer.status}`);
  const file = new Uint8Array(bytes);
  const reader = answer.body.getReader();
  let length = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (length + part.value.length <= bytes) file.set(part.value, length);
    length += part.value.length;
    come(part.value.length);
  }
  // Pages that came without encryption have no digests, and no reason to trust one.
  const digest = crypto.subtle ? hex(await crypto.subtle.digest("SHA-256", file)) : sha256;
  if (length !== bytes || digest !== sha256) throw failure("another", address);
  return file.buffer;
}

const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

async function program(address, signal) {
  const answer = await fetch(address, { signal });
  if (!answer.ok) throw failure("loading", `${address}: ${answer.status}`);
  return answer.text();
}

// A frame within a frame: the outer one comes from a file, so that it has a policy of its own and
// is kept for reading offline, which is denied to what is sandboxed; the inner one inherits the policy.
function built(address, signal) {
  return new Promise((resolve, reject) => {
    const frame = document.createElement("iframe");
    frame.hidden = true;
    frame.src = address;
    frame.addEventListener("load", () => {
      let room = null;
      try {
        room = frame.contentWindow[0];
      } catch { // what came instead is a page of the browser's own
      }
      if (room) resolve(room);
      else reject(failure("loading", address));
    }, { once: true });
    signal.addEventListener("abort", () => frame.remove());
    document.body.append(frame);
  });
}

// Gives a function that sends a call. `heard` gets each text that comes out of the room,
// `loading` how many bytes have come, of how many. Whatever goes on ends with `signal`.
export default async function open({ address, runtime, fingerprint, signal, heard, loading }) {
  const of = (path, version) => new URL(`${path}?v=${version}`, runtime).href;
  const described = await (await fetch(of("library/library.json", fingerprint), { cache: "no-cache", signal })).json();
  if (described.fingerprint !== fingerprint) throw failure("another", "");
  const names = Object.keys(described.files);
  const total = names.reduce((sum, name) => sum + described.files[name].bytes, 0);
  let sofar = 0;
  const come = (bytes) => loading((sofar += bytes), total);
  const [room, guard, python, ...contents] = await Promise.all([
    built(of("room.htm", fingerprint), signal),
    program(address("guard.js"), signal),
    program(address("python.js"), signal),
    ...names.map((name) => taken(of(name, described.files[name].sha256), described.files[name], { signal, come })),
  ]);
  const files = Object.fromEntries(names.map((name, index) => [name, contents[index]]));
  const { port1: page, port2: inside } = new MessageChannel();
  page.onmessage = ({ data }) => signal.aborted || heard(data);
  room.postMessage({ guard, python, files }, "*", [inside, ...contents]);
  return (call) => signal.aborted || page.postMessage(JSON.stringify(call));
}
