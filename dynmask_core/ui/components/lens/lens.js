// The mask lens: one table per arm. A switch forbids or allows an edge, and the shares follow at once.
import { createChoice } from "../../web/choice.js";
import { make, onAction, setAttribute, setText, textsOf } from "../../web/dom.js";
import { mount, onResize } from "../../web/mount.js";
import { css } from "../../web/scale.js";
import { lengthOf, sharesOf, sumOf } from "./shares.js";

const WIDE = 760; // pixels; from this width on the arms are side by side

export default mount(createLens);

function createLens(signal) {
  const choice = createChoice("ln", "arm");
  const tables = make("div", "ln-arms");
  const root = make("div", "web ln", { testid: "lens" }, choice.node, tables);
  let data = null;
  let theme = null;
  let blocks = []; // of data.arms
  let shown = 0; // the arm on a narrow page
  const t = textsOf("lens", () => data.strings);

  // The same row of the same models: the reader's switches stay.
  const sameRow = (a, b) => a && JSON.stringify(identity(a)) === JSON.stringify(identity(b));
  const identity = ({ words, query, at, arms }) => [words, query, at, arms.map(({ name, epoch }) => [name, epoch])];

  function receive(fresh, theirs) {
    const kept = sameRow(data, fresh) ? blocks.map((block) => block.open) : null;
    const arms = fresh.arms.map((arm) => arm.name).join("\n");
    if (!data || arms !== data.arms.map((arm) => arm.name).join("\n")) shown = fresh.arms.length - 1;
    [data, theme] = [fresh, theirs];
    setAttribute(root, "lang", data.lang);
    choice.offer(t("arm"), data.arms.map((arm, a) => [a, arm.name]));
    blocks = data.arms.map((arm, a) => buildArm(arm, a, kept?.[a]));
    tables.replaceChildren(...blocks.map((block) => block.node));
    show();
    recolour(theirs);
    layOut();
  }

  function recolour(theirs) {
    theme = theirs;
    blocks.forEach(({ node, arm }) => node.style.setProperty("--arm", css(theme.arm(arm.color))));
  }

  function layOut() {
    if (!data) return;
    const narrow = root.clientWidth < WIDE;
    choice.node.hidden = !narrow || data.arms.length < 2;
    choice.press(shown);
    blocks.forEach(({ node }, a) => { node.hidden = narrow && a !== shown; });
    tables.style.setProperty("--columns", narrow ? 1 : Math.min(data.arms.length, 2));
  }

  // ---- one arm ---------------------------------------------------------------------------------------------------

  function buildArm(arm, a, open) {
    const reset = make("button", "ln-reset", { type: "button", "data-do": "reset", "data-value": a, testid: "ln-reset" },
      t("reset"));
    const sum = make("p", "note", { testid: "ln-sum", "aria-live": "polite" });
    const rows = data.words.map((word, k) => buildRow(arm, a, word, k));
    const size = arm.value[0].length;
    const heads = [["word"], ["dot"], ["scaled", { size }], ["mask"], ["share"], ["part"]].map(([name, values]) =>
      make("th", `ln-${name}`, { scope: "col", title: name === "word" ? undefined : t(`col_${name}_title`, { size }) },
        t(`col_${name}`, values)));
    const gate = arm.gate === 1 ? [] : [make("p", "note", { testid: "ln-gate" }, t("head_gate", { gate: two(arm.gate) }))];
    const node = make("article", "ln-arm", { testid: "ln-model", "data-index": a },
      make("header", "ln-head", {}, make("span", "swatch"), make("strong", "name", {}, arm.name),
        make("span", "note", {}, t("of_epoch", { epoch: arm.epoch })),
        make("span", "", { lang: data.textLang || undefined }, t("looks_at", { word: data.words[data.query] }))),
      ...gate,
      make("div", "ln-box", { tabindex: "0", role: "region", "aria-label": t("region", { arm: arm.name }) },
        make("table", "ln-table", {}, make("thead", "", {}, make("tr", "", {}, ...heads)),
          make("tbody", "", {}, ...rows.map((row) => row.node)))),
      make("footer", "ln-foot", {}, sum, reset));
    const was = arm.bias.map((bias) => bias !== null);
    return { node, arm, rows, sum, reset, was, open: open?.length === was.length ? open : [...was] };
  }

  function buildRow(arm, a, word, k) {
    const parts = {
      toggle: make("button", "ln-switch", { type: "button", role: "switch", "data-do": "toggle",
        "data-value": `${a} ${k}`, testid: "ln-switch", "aria-label": t("switch", { word, arm: arm.name }) }),
      fill: make("i"), even: make("b"), share: make("span", "ln-number", { testid: "ln-share" }), part: make("td", "ln-part ln-number"),
    };
    // Another map than those of sharesOf: the browser cannot recompute its shares.
    parts.toggle.disabled = arm.alpha === null;
    const name = make("th", "ln-word", { scope: "row", lang: data.textLang || undefined, dir: "auto" },
      make("span", arm.removed[k] ? "ln-gone" : "", {}, word));
    // The mask of the words, if this arm has one; the special unit has none.
    if (k && arm.mask.some((value) => value < 1)) {
      name.append(make("span", "ln-value", { testid: "ln-value", title: t("value") }, two(arm.mask[k])));
    }
    if (arm.removed[k]) name.title = t("removed");
    parts.node = make("tr", [k === data.query && "ln-query", k === data.key && "ln-picked"].filter(Boolean).join(" "),
      { testid: "ln-row", "data-key": k }, name, make("td", "ln-dot ln-number", {}, two(arm.dot[k])),
      make("td", "ln-scaled ln-number", {}, two(arm.scaled[k])), make("td", "ln-mask", {}, parts.toggle),
      make("td", "ln-share", {}, make("span", "ln-bar", { "aria-hidden": "true", title: t("even") }, parts.fill, parts.even), parts.share), parts.part);
    return parts;
  }

  // ---- the shares ------------------------------------------------------------------------------------------------

  // All bars have one scale, up to the largest share in any arm: they can be compared.
  function show() {
    const shares = blocks.map(sharesNow);
    const most = Math.max(...shares.flat(), 1e-9);
    blocks.forEach((block, a) => showArm(block, shares[a], most));
  }

  const isChanged = ({ was, open }) => open.some((value, k) => value !== was[k]);

  function sharesNow(block) {
    const { arm, open } = block;
    // As long as nothing is changed, the model's own shares stand there.
    if (!isChanged(block)) return arm.weight;
    return sharesOf(arm.scaled.map((scaled, k) => (open[k] ? scaled + (arm.bias[k] ?? 0) : null)), arm.alpha);
  }

  function showArm(block, shares, most) {
    const { arm, rows, was, open } = block;
    const even = 1 / Math.max(open.filter(Boolean).length, 1);
    rows.forEach((row, k) => {
      const bias = open[k] ? arm.bias[k] ?? 0 : null;
      setText(row.toggle, bias === null ? "−∞" : signed(bias));
      setAttribute(row.toggle, "aria-checked", String(open[k]));
      setAttribute(row.toggle, "title", t(open[k] ? "allowed" : "forbidden"));
      row.node.classList.toggle("ln-moved", open[k] !== was[k]);
      row.fill.style.transform = `scaleX(${shares[k] / most})`;
      row.even.style.left = `${(100 * even) / most}%`;
      row.even.hidden = !open[k] || even > most;
      row.node.dataset.share = shares[k].toFixed(5);
      setText(row.share, percent(shares[k]));
      setText(row.part, two(shares[k] * lengthOf(arm.value[k])));
    });
    const before = sumOf(arm.weight, arm.value, arm.gate);
    const now = sumOf(shares, arm.value, arm.gate);
    const change = lengthOf(now.map((value, i) => value - before[i]));
    const told = { length: two(lengthOf(before)), now: two(lengthOf(now)), change: two(change),
      share: percent(change / (lengthOf(before) || 1)) };
    setText(block.sum, t(isChanged(block) ? "changed" : "sum", told));
    block.reset.hidden = !isChanged(block);
  }

  onAction(root, {
    arm: (value) => { shown = Number(value); layOut(); },
    toggle: (value) => {
      const [a, k] = value.split(" ").map(Number);
      blocks[a].open[k] = !blocks[a].open[k];
      show();
    },
    reset: (value) => {
      const block = blocks[Number(value)];
      block.open = [...block.was];
      show();
      block.node.querySelector(".ln-box").focus({ preventScroll: true }); // the button that had the focus is gone
    },
  }, signal);
  onResize(root, layOut, signal);
  return { root, receive, recolour, picture: { name: "lens" } };
}

const two = (value) => value.toFixed(2).replace("-", "−");
const signed = (value) => (value < 0 ? two(value) : `+${value === 0 ? "0" : value.toFixed(2)}`);
const percent = (value) => `${(100 * value).toFixed(1)} %`;
