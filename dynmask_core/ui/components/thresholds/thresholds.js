// What trained models do at every θ: a slider moves a line through the curves. All numbers are in the data, so nothing
// waits for the server.
import { createChoice } from "../../web/choice.js";
import { make, makeSvg, onAction, setAttribute, setText, textsOf } from "../../web/dom.js";
import { mount, onResize } from "../../web/mount.js";
import { css } from "../../web/scale.js";
import { drawPanel } from "./panel.js";

const PARTS = ["validation", "test"];
const OTHERS = ["random", "lowest", "highest"]; // which words leave instead of those below θ

export default mount(createThresholds);

function createThresholds(signal) {
  const choice = createChoice("thresholds", "arm");
  const slider = make("input", "range", { type: "range", min: "0", step: "1", testid: "thresholds-slider" });
  const value = make("strong", "th-value", { testid: "thresholds-value" });
  const marks = ["trained", "best"].map((name) =>
    make("button", "segment th-mark", { type: "button", "data-do": "go", "data-value": name, testid: `thresholds-${name}` }));
  const top = make("div", "th-top", {}, choice.node, value, make("div", "th-slide", {}, slider), ...marks);
  const panels = [...PARTS, "share"].map(() => ({ title: make("h4", "th-title"), svg: null, box: make("div", "th-box") }));
  const legend = make("div", "legend th-legend", { "aria-hidden": "true" });
  const table = make("table", "th-table", { testid: "thresholds-table" });
  const boxes = panels.map((one) => make("div", "th-panel", {}, one.title, one.box));
  const root = make("div", "web th", { testid: "thresholds" }, top, make("div", "th-panels", {}, ...boxes), legend, table);

  let data = null, theme = null, arm = 0, at = 0;
  const t = textsOf("thresholds", () => data.strings);
  const per = (share) => `${(100 * share).toFixed(share > 0 && share < 0.095 ? 1 : 0)}%`;
  const score = (share) => `${(100 * share).toFixed(1)}%`;

  function receive(fresh, colours) {
    const before = data;
    [data, theme] = [fresh, colours];
    if (!before || before.run !== data.run) [arm, at] = [0, data.arms[0].trained];
    arm = Math.min(arm, data.arms.length - 1);
    choice.offer(t("arm"), data.arms.map((one, i) => [i, one.arm]));
    chooseArm(arm);
  }

  // Keeps θ, as far as the other arm has it.
  function chooseArm(number) {
    const theta = data.arms[arm].thetas[at];
    arm = Number(number);
    const { thetas } = data.arms[arm];
    at = thetas.reduce((best, one, i) => (Math.abs(one - theta) < Math.abs(thetas[best] - theta) ? i : best), 0);
    choice.press(arm);
    setAttribute(slider, "max", String(thetas.length - 1));
    setAttribute(slider, "aria-label", t("theta"));
    slider.value = String(at);
    draw();
    move();
  }

  const here = () => data.arms[arm];
  const flops = (part) => here().parts[part].flops.map((one) => one / Math.max(here().parts[part].flops[0], 1));
  const lines = (part) => {
    const curves = here().parts[part], own = css(theme.arm(here().color));
    return [
      { name: "own", values: curves.accuracy, colour: own },
      { name: "random", values: curves.random_mean, low: curves.random_low, high: curves.random_high, colour: theme.muted },
      { name: "lowest", values: curves.lowest, colour: theme.muted },
      { name: "highest", values: curves.highest, colour: theme.muted },
    ].filter((line) => line.values.length);
  };

  function draw() {
    if (!data || root.clientWidth < 40) return;
    const all = PARTS.flatMap((part) => lines(part).flatMap((line) => line.low ? [...line.low, ...line.high] : line.values));
    const range = [Math.max(Math.min(...all) - 0.02, 0), Math.min(Math.max(...all) + 0.02, 1)];
    const { thetas, trained, chosen } = here(), vertical = { trained: thetas[trained], best: thetas[chosen] };
    panels.forEach((panel, i) => {
      const part = PARTS[i];
      setText(panel.title, part ? `${t(part)} · ${t("axis.accuracy")}` : t("axis.share"));
      const own = css(theme.arm(here().color));
      const shown = part ? lines(part) : [
        { name: "kept", values: here().parts.test.kept, colour: own }, { name: "cost", values: flops("test"), colour: theme.muted },
      ];
      panel.line = drawPanel(panel.box, { thetas, lines: shown, range: part ? range : [0, 1], vertical,
        alt: `${panel.title.textContent}. ${t("alt")}` });
    });
    const sample = (name) => makeSvg("svg", { width: 30, height: 8 }, makeSvg("line", { x1: 1, x2: 29, y1: 4, y2: 4,
      class: `th-line th-${name}`, stroke: name === "own" || name === "kept" ? css(theme.arm(here().color)) : theme.muted }));
    const named = (name) => make("span", "th-named", {}, sample(name), t(name));
    legend.replaceChildren(...lines("test").map((line) => named(line.name)), named("kept"), named("cost"));
    marks.forEach((button, i) => {
      const name = ["trained", "best"][i];
      setText(button, `${t(name)}: ${vertical[name]}`);
    });
    move();
  }

  // Only what follows θ.
  function move() {
    if (!data) return;
    const { thetas, parts } = here(), cell = (text, tag = "td") => make(tag, "", tag === "th" ? { scope: "row" } : {}, text);
    for (const panel of panels) panel.line?.(thetas[at]);
    slider.style.setProperty("--done", String(at / Math.max(thetas.length - 1, 1)));
    setText(value, t("value", { theta: thetas[at] }));
    setAttribute(slider, "aria-valuetext", t("spoken", {
      theta: thetas[at], validation: score(parts.validation.accuracy[at]), test: score(parts.test.accuracy[at]),
      kept: per(parts.test.kept[at]),
    }));
    const other = (curves, name) => (name === "random"
      ? t("range", { mean: score(curves.random_mean[at]), low: score(curves.random_low[at]), high: score(curves.random_high[at]) })
      : score(curves[name][at]));
    const rows = [
      ["own", (part) => score(parts[part].accuracy[at])],
      ...OTHERS.filter((name) => name === "random" || parts.test[name].length)
        .map((name) => [name, (part) => other(parts[part], name)]),
      ["kept", (part) => per(parts[part].kept[at])],
      ["cost", (part) => per(flops(part)[at])],
    ];
    const head = make("tr", "", {}, make("td"), ...PARTS.map((part) => make("th", "", { scope: "col" }, t(part))));
    table.replaceChildren(make("thead", "", {}, head), make("tbody", "", {}, ...rows.map(([name, said]) =>
      make("tr", "", { "data-row": name }, cell(t(name), "th"), ...PARTS.map((part) =>
        cell(parts[part].texts ? said(part) : t("unknown")))))));
    marks.forEach((button, i) => setAttribute(button, "aria-pressed", String(at === [here().trained, here().chosen][i])));
  }

  slider.addEventListener("input", () => { at = Number(slider.value); move(); }, { signal });
  onAction(root, {
    arm: chooseArm,
    go: (name) => { at = name === "trained" ? here().trained : here().chosen; slider.value = String(at); move(); },
  }, signal);
  onResize(root, draw, signal);
  return { root, receive, picture: { name: "thresholds" } };
}
