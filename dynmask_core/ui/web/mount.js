// The life of a component on the page. Streamlit calls the default export again, with the same parentElement, whenever
// data or theme change: the view, and with it all that the reader has chosen, hangs on that element.
import { readTheme } from "./theme.js";

// create(signal) makes a view { root, receive, recolour }; the signal is aborted when the view leaves the page.
// receive(data, theme, streamlit) is called for new data; recolour(theme), which only a view of sealed data needs,
// where nothing but the theme has changed.
export function mount(create) {
  const views = new WeakMap();
  return ({ data, parentElement, ...streamlit }) => {
    if (!data) return undefined;
    if (!views.has(parentElement)) {
      const gone = new AbortController();
      views.set(parentElement, { gone, view: create(gone.signal), digest: null, theme: null });
    }
    const entry = views.get(parentElement);
    const { root } = entry.view;
    if (root.parentNode !== parentElement) parentElement.append(root);
    update(entry, data instanceof Uint8Array ? unseal(data) : data, streamlit);
    // A cleanup also runs for a call that newer data overtook: only a view that has left the page is taken down.
    return () => setTimeout(() => {
      if (root.isConnected) return;
      entry.gone.abort();
      if (views.get(parentElement) === entry) views.delete(parentElement);
    });
  };
}

function update(entry, data, streamlit) {
  const before = { ...entry };
  Object.assign(entry, { digest: data.digest ?? null, theme: readTheme(entry.view.root) });
  if (entry.digest === null || entry.digest !== before.digest) entry.view.receive(data, entry.theme, streamlit);
  else if (entry.theme.signature !== before.theme.signature) entry.view.recolour(entry.theme);
}

// A buffer sealed by the server: u32 length of the JSON header, header, raw bytes (`body`).
function unseal(bytes) {
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + size)));
  return Object.assign(header, { body: bytes.subarray(4 + size) });
}

// Calls layOut when root has got another width, and when the page's fonts have arrived after something was measured.
export function onResize(root, layOut, signal) {
  let width = 0;
  const resized = new ResizeObserver(() => {
    // Height follows from what is drawn; reacting to it would chase its own tail.
    if (root.clientWidth === width) return;
    width = root.clientWidth;
    requestAnimationFrame(layOut);
  });
  resized.observe(root);
  signal.addEventListener("abort", () => resized.disconnect());
  document.fonts.addEventListener("loadingdone", () => layOut(), { signal });
}
