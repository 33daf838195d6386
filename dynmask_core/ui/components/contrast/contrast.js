// Two sentences with their differing words marked and numbered, and for every arm a bar for each of these words.
import { make, setAttribute, textsOf } from "../../web/dom.js";
import { mount } from "../../web/mount.js";
import { css } from "../../web/scale.js";

export default mount(createContrast);

function createContrast() {
  const root = make("div", "web ct", { testid: "contrast" });
  let model = null;
  const t = textsOf("contrast", () => model.strings);
  const signed = (value, digits) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;
  const percent = (value) => `${(100 * value).toFixed(1)}%`;

  function receive(next, theme) {
    model = next;
    setAttribute(root, "lang", model.lang);
    root.replaceChildren(
      make("div", "ct-texts", {}, ...model.texts.map((text, i) => sentence(text, i ? "second" : "first"))),
      make("div", "ct-arms", {}, ...model.arms.map((arm) => block(arm, css(theme.arm(arm.color))))),
    );
  }

  function sentence({ lang, pieces }, which) {
    const words = pieces.map(([text, number]) => (number
      ? make("mark", `ct-mark ct-${which}`, { testid: "contrast-mark" }, text, make("sup", "ct-number", {}, String(number)))
      : text));
    return make("p", "ct-text", { testid: "contrast-text" }, make("span", "note ct-which", {}, t(which)),
      make("span", "", { lang, dir: "auto" }, ...words));
  }

  function block(arm, colour) {
    const most = Math.max(Math.abs(arm.change), Math.abs(arm.together), ...arm.effects.map(([odds]) => Math.abs(odds)), 0.1);
    const rows = arm.effects.map(([odds, share], i) => {
      const [number, old, now] = model.spans[i];
      const name = t("between", { number, old: old || t("nothing"), now: now || t("nothing") });
      return row(name, odds, share, most);
    });
    if (rows.length > 1) rows.push(row(t("together"), arm.together, arm.togetherShare, most));
    const answer = t("of_class", { name: arm.target, first: percent(arm.first), second: percent(arm.second),
      change: signed(arm.change, 2) });
    return make("section", "ct-arm", { testid: "contrast-arm", style: `--arm: ${colour}` },
      make("p", "ct-said", { testid: "contrast-said" }, arm.said), make("p", "note ct-answer", {}, answer),
      ...(rows.length ? [make("ul", "ct-rows", { "aria-label": t("shares", { name: arm.name }) }, ...rows)] : []));
  }

  function row(name, odds, share, most) {
    const bar = make("i", "ct-fill", { style: `width: ${(50 * Math.abs(odds)) / most}%` });
    const track = make("span", "ct-track", { "data-sign": odds < 0 ? "down" : "up", "aria-hidden": "true" }, bar);
    const value = t("odds", { odds: signed(odds, 2) });
    return make("li", "ct-row", {}, make("span", "ct-name", {}, name), track,
      make("span", "ct-value", {}, share === null ? value : `${share < 0 ? "−" : ""}${Math.round(Math.abs(100 * share))}% · ${value}`));
  }

  return { root, receive, picture: { name: "contrast" } };
}
