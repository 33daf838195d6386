// The life of a component on the page. When data or theme change, Streamlit calls the default export again with the
// same parentElement: the view with all choices of the reader is stored under that element.
import { createSave } from "./save.js";
import { readTheme } from "./theme.js";

const RETRY_MS = 1000; // until a piece that did not come is asked for again

// create(signal) makes a view { root, receive, recolour }; the signal is aborted when the view leaves the page.
// receive(data, theme, streamlit) is called for new data, recolour(theme) if only the theme has changed; only a view
// of sealed data needs recolour. picture: { name, … } if readers can save the whole view as a picture, see createSave.
export function mount(create) {
  const views = new WeakMap();
  // createPieces: see pieces.js; a page without a server has none, and needs none.
  return ({ data, parentElement, createPieces, ...streamlit }) => {
    if (!data) return undefined;
    if (!views.has(parentElement)) {
      const gone = new AbortController();
      const view = create(gone.signal);
      if (view.picture) {
        view.root.append(createSave(view.root, gone.signal, { parts: () => [view.root], ...view.picture }).node);
      }
      views.set(parentElement, { gone, view, data: null, digest: null, theme: null, gather: createPieces?.() });
    }
    const entry = views.get(parentElement);
    const { root } = entry.view;
    if (root.parentNode !== parentElement) parentElement.append(root);
    update(entry, data, streamlit);
    // Streamlit also cleans up after a call that was replaced by newer data: remove only views that left the page.
    return () => setTimeout(() => {
      if (root.isConnected) return;
      entry.gone.abort();
      if (views.get(parentElement) === entry) views.delete(parentElement);
    });
  };
}

function update(entry, data, streamlit) {
  const before = { ...entry };
  // A rerun of the page gives the very bytes of before, if they have not changed: they need not be read again.
  const fresh = data === entry.data ? null : data instanceof Uint8Array ? unseal(data) : data;
  const digest = fresh ? fresh.digest ?? null : entry.digest;
  Object.assign(entry, { data: digest === null ? null : data, digest, theme: readTheme(entry.view.root) });
  if (digest === null || digest !== before.digest) receive(entry, fresh, streamlit);
  else if (entry.arrived && entry.theme.signature !== before.theme.signature) entry.view.recolour(entry.theme);
}

// Data whose body is in pieces wait for those that are not here yet; meanwhile the view shows what it had.
function receive(entry, fresh, streamlit) {
  const give = (body) => {
    if (body) fresh.body = body;
    entry.arrived = true;
    entry.view.receive(fresh, entry.theme, streamlit);
  };
  const body = fresh.pieces ? entry.gather(fresh.pieces) : null;
  if (!(body instanceof Promise)) {
    give(body);
    return;
  }
  const isNewest = () => entry.digest === fresh.digest && !entry.gone.signal.aborted;
  // A single failure may be the network's, or of a moment in which the server was drawing the page.
  const again = () => new Promise((go) => { setTimeout(go, RETRY_MS); }).then(() => entry.gather(fresh.pieces));
  body.catch(again).then((joined) => { if (isNewest()) give(joined); }, () => {
    // Something between here and the server does not let them through: ask for all in one.
    if (isNewest()) streamlit.setStateValue("whole", true);
  });
}

// A buffer sealed by the server: u32 length of the JSON header, header, raw bytes (`body`).
function unseal(bytes) {
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + size)));
  return Object.assign(header, { body: bytes.subarray(4 + size) });
}

// Calls layOut when the width of root changes, and when fonts finish loading, because they change what was measured.
export function onResize(root, layOut, signal) {
  let width = 0;
  const resized = new ResizeObserver(() => {
    // Ignore the height: it depends on what is drawn, so reacting to it would never end.
    if (root.clientWidth === width) return;
    width = root.clientWidth;
    requestAnimationFrame(layOut);
  });
  resized.observe(root);
  signal.addEventListener("abort", () => resized.disconnect());
  document.fonts.addEventListener("loadingdone", () => layOut(), { signal });
}
