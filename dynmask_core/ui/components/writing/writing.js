// What arms write after a source, step by step. A step of the scrubber writes one unit in every arm that has one left.
import { builtOnce, make, setAttribute, setText, textsOf } from "../../web/dom.js";
import { mount } from "../../web/mount.js";
import { css } from "../../web/scale.js";
import { createScrubber } from "../../web/scrubber.js";

const MOST_NAMED = 3; // units whose share of the attention is written beside them
const OPEN = "▢"; // a place that is not written yet
const RUN_MS = 8000; // longest time to play all steps

export default mount(createWriting);

function createWriting(signal) {
  const root = make("div", "web wr", { testid: "writing" });
  const legend = make("p", "note wr-legend");
  const list = make("div", "wr-arms");
  const once = builtOnce();
  let model = null;
  const t = textsOf("writing", () => model.strings);
  const scrubber = createScrubber({ root, signal, show, prefix: "wr", t, longest: RUN_MS });
  root.append(scrubber.node, list, legend);
  let cards = [];

  function receive(next, theme) {
    const fresh = model?.of !== next.of;
    model = next;
    setAttribute(root, "lang", model.lang);
    once("strings", [model.lang, model.strings], () => {
      scrubber.name();
      setText(legend, `${t("attended")} ${t("caution")}`);
      once.forget("arms");
    });
    once("arms", [model.of], build);
    cards.forEach((card, a) => card.node.style.setProperty("--arm", css(theme.arm(model.arms[a].color))));
    scrubber.node.hidden = model.epochs.length === 0;
    scrubber.receive(model);
    if (fresh) scrubber.hold(0);
    scrubber.redraw();
  }

  function build() {
    cards = model.arms.map((arm) => {
      const chips = arm.units.map((unit, place) => {
        const word = make("span", "wr-word", { lang: model.textLang }, unit);
        const share = make("span", "wr-share");
        const node = make("span", `wr-unit${place < arm.given ? "" : " wr-target"}`, {}, word, share);
        return { node, word, share };
      });
      const said = make("span", "wr-said");
      const others = make("ol", "wr-others", { "aria-label": t("others") });
      const head = make("header", "wr-head", {}, make("i", "swatch"), make("strong", "name", {}, arm.name),
        make("span", "wr-text", { lang: model.textLang }, arm.text));
      const sequence = make("p", "wr-sequence", { role: "group", "aria-label": t("sequence"), dir: "auto" }, ...chips.map((chip) => chip.node));
      const node = make("article", "wr-arm", { testid: "wr-arm" }, head, sequence, make("div", "wr-step", {}, said, others));
      return { node, chips, said, others };
    });
    list.replaceChildren(...cards.map((card) => card.node));
  }

  const percent = (value) => (value >= 0.995 ? "100 %" : value >= 0.1 ? `${Math.round(100 * value)} %` : value >= 0.001 ? `${(100 * value).toFixed(1)} %` : "<0.1 %");

  function show(index) {
    model.arms.forEach((arm, a) => {
      if (arm.steps.length) showArm(arm, cards[a], Math.min(index, arm.steps.length - 1));
    });
  }

  function showArm(arm, { chips, said, others }, index) {
    const now = arm.steps[index];
    const written = new Set(arm.steps.slice(0, index + 1).map((step) => step.place));
    const most = Math.max(...now.attention, 1e-9);
    const named = [...now.attention.keys()].sort((p, q) => now.attention[q] - now.attention[p]).slice(0, MOST_NAMED);
    chips.forEach(({ node, word, share }, place) => {
      const there = place < arm.given || written.has(place);
      setText(word, there ? arm.units[place] : OPEN);
      node.classList.toggle("wr-open", !there);
      node.title = there ? "" : t("hidden");
      node.classList.toggle("wr-now", place === now.place);
      const weight = now.attention[place];
      node.style.setProperty("--weight", (weight / most).toFixed(3));
      setText(share, named.includes(place) && weight > 0 ? percent(weight) : "");
    });
    setText(said, t("wrote", { word: now.word, percent: percent(now.chance) }));
    others.replaceChildren(...now.others.map(([word, chance]) => {
      const bar = make("i", "wr-bar", { style: `transform: scaleX(${chance})` });
      const own = word === now.word;
      return make("li", `wr-other${own ? " wr-own" : ""}`, {}, bar, make("span", "wr-guess", { lang: model.textLang }, word),
        make("span", "wr-mark", {}, own ? "✓" : ""), make("span", "wr-value", {}, percent(chance)));
    }));
  }

  return { root, receive, picture: { name: "writing" } };
}
