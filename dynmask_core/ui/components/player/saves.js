// What readers save of the player: the masks over the epochs, and the attention of the epoch that is shown.
import { createSave } from "../../web/save.js";

const MOST = 140; // characters of the sentence above a picture

// redraw: draws all canvases again. Returns refresh(), for another language.
export function attachSaves(player, signal, redraw) {
  const { v, t, state } = player;

  function titled(...parts) {
    const { words, gaps, picture } = player.model;
    if (picture) return parts.join(" · "); // names of its parts say nothing
    const sentence = [...gaps.map((gap, i) => gap + (words[i] ?? "")).join("")];
    const told = sentence.length > MOST ? `${sentence.slice(0, MOST - 1).join("")}…` : sentence.join("");
    return [...parts, `“${told}”`].join(" · ");
  }

  const head = () => (state.head === "mean" ? t("mean") : `${t("head")} ${state.head + 1}`);
  const shown = () => (state.grid ? [`${t("head")}: ${t("all_heads")}`] : [`${t("layer")} ${state.layer + 1}`, head()]);
  const mask = createSave(v.root, signal, {
    name: "mask", redraw, parts: () => [v.maskLegend, v.heatPart], title: () => titled(t("heat_title")),
  });
  const attention = createSave(v.root, signal, {
    name: "attention", redraw, parts: () => [v.attention], title: () => titled(...shown(), player.epochText),
  });
  v.heatHead.append(mask.node);
  v.legends.append(attention.node);
  return () => {
    mask.refresh();
    attention.refresh();
  };
}
