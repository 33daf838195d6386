// Pictures side by side, each with its hidden parts hatched, at the scrubber's epoch.
import { builtOnce, make, setAttribute, setText, textsOf } from "../../web/dom.js";
import { mount } from "../../web/mount.js";
import { css } from "../../web/scale.js";
import { createScrubber } from "../../web/scrubber.js";

const LONGEST_MS = 10000; // longest time to play all epochs

export default mount(createRestored);

function createRestored(signal) {
  const root = make("div", "web rs", { testid: "restored" });
  const row = make("div", "rs-row");
  const once = builtOnce();
  let model = null;
  let cards = [];
  const scrubber = createScrubber({
    root, signal, show, prefix: "rs", t: textsOf("player", () => model.strings), longest: LONGEST_MS,
  });
  root.append(scrubber.node, row);

  function receive(next, theme) {
    model = next;
    setAttribute(root, "lang", model.lang);
    once("strings", [model.lang, model.strings], () => scrubber.name());
    once("cells", [model.of], build);
    row.style.setProperty("--across", model.across);
    cards.forEach((card, i) => {
      const { color } = model.cells[i];
      card.swatch.hidden = !color;
      if (color) card.node.style.setProperty("--arm", css(theme.arm(color)));
    });
    scrubber.node.hidden = model.epochs.length < 2;
    scrubber.receive(model);
    scrubber.redraw();
  }

  function build() {
    cards = model.cells.map(({ title, rows, columns, aspect }) => {
      const parts = Array.from({ length: rows * columns }, () => make("i", "rs-part"));
      const grid = make("span", "rs-parts", { style: `grid-template-columns: repeat(${columns}, 1fr)` }, ...parts);
      const picture = make("span", "rs-picture", { role: "img", "aria-label": title, style: `aspect-ratio: ${aspect}` }, grid);
      const note = make("p", "rs-note");
      const swatch = make("i", "swatch");
      const head = make("figcaption", "rs-title", {}, swatch, make("span", "", {}, title));
      const node = make("figure", `rs-cell${aspect > 1.6 ? " rs-wide" : ""}`, { testid: "rs-cell" }, head, picture, note);
      return { node, picture, parts, note, swatch, url: null };
    });
    row.replaceChildren(...cards.map((card) => card.node));
  }

  const at = (values, index) => values[Math.min(index, values.length - 1)];

  function show(index) {
    model.cells.forEach((cell, i) => {
      const card = cards[i];
      const url = at(cell.urls, index);
      // As a data URL whatever it says: nothing is ever loaded.
      if (card.url !== url) card.picture.style.backgroundImage = `url("data:${url.slice(5)}")`;
      card.url = url;
      const hidden = new Set(at(cell.hidden, index) ?? []);
      card.parts.forEach((part, place) => part.classList.toggle("rs-hidden", hidden.has(place)));
      const note = at(cell.notes, index) ?? "";
      setText(card.note, note);
      setAttribute(card.picture, "aria-label", note ? `${cell.title}: ${note}` : cell.title);
    });
  }

  return { root, receive, picture: { name: "restored" } };
}
