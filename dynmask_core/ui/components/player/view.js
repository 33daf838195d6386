// The elements that exist exactly once: new data changes them but never replaces them.
import { createChoice } from "../../web/choice.js";
import { make } from "../../web/dom.js";

export function buildView() {
  const v = { root: make("div", "web mp", { testid: "mask-player" }) };
  for (const name of ["view", "layer", "head", "compare", "speed", "scale", "whose", "which", "part"]) v[name] = createChoice("mp", name);

  v.truth = make("div", "mp-truth", { testid: "mp-true-class" });
  v.arms = make("div", "mp-arms", { testid: "mp-arms" });
  v.thetaMark = make("i", "mp-theta");
  v.maskBar = make("div", "mp-bar", {}, v.thetaMark);
  v.theta = make("span", "mp-theta-text", { testid: "mp-threshold" });
  v.maskLegend = make("div", "legend", { testid: "mp-mask-legend" }, (v.maskName = make("strong")),
    (v.maskLow = make("span")), v.maskBar, (v.maskHigh = make("span")), v.theta);
  v.sound = make("audio", "mp-sound", { controls: "", preload: "none", hidden: "", testid: "mp-sound" });
  v.marksLegend = make("div", "legend mp-marks-legend", { testid: "mp-marks-legend", hidden: "" });
  v.bandsNote = make("span");
  v.bandsLegend = make("div", "legend mp-bands-legend", { testid: "mp-bands-legend", hidden: "" }, make("i", "mp-hatch"), v.bandsNote);
  const top = make("div", "mp-top", {}, v.truth, v.maskLegend, v.bandsLegend, v.marksLegend, v.sound);

  v.heatTitle = make("h3", "mp-title");
  v.heatNote = make("span", "note");
  v.heat = make("canvas", "canvas", { role: "img", testid: "mp-heat" });
  v.heatCursors = make("div", "mp-cursors", { testid: "mp-heat-cursors" });
  v.heatRow = make("div", "mp-row", { hidden: "" });
  v.heatBox = make("div", "mp-heat-box", {}, make("div", "mp-heat-inner", {}, v.heat, v.heatCursors, v.heatRow));
  v.heatHint = make("p", "note", { hidden: "" });
  v.patternBox = make("div", "mp-patterns", { testid: "mp-patterns" });
  v.noMask = make("p", "note mp-no-mask", { testid: "mp-no-mask" });
  v.heatHead = make("header", "mp-head", {}, v.heatTitle, v.heatNote, v.view.node);
  v.heatPart = make("section", "mp-heat", {}, v.heatHead, v.heatHint, v.heatBox, v.patternBox, v.noMask);

  v.mapTitle = make("h3", "mp-title");
  v.rows = make("span");
  v.opens = make("span", "mp-opens", { "data-unsaved": "" });
  v.mapRows = make("p", "note", {}, v.rows, v.opens);
  v.lookTitle = make("h4", "mp-look-title");
  v.lookBox = make("div", "mp-looks", { testid: "mp-looks" });
  v.looks = make("div", "mp-looks-part", { hidden: "" }, v.lookTitle, v.lookBox);
  v.maps = make("div", "mp-maps", { testid: "mp-maps" });
  v.empty = make("p", "empty", { testid: "mp-attention-missing" });
  v.gridBox = make("div", "mp-grids", { testid: "mp-grids" });
  v.mapsBox = make("div", "mp-maps-box", {}, v.looks, v.maps, v.gridBox, v.empty);
  v.attentionName = make("strong");
  v.attentionBar = make("div", "mp-bar");
  v.attentionEnds = ["mp-low", "mp-middle", "mp-high"].map((name) => make("span", name));
  v.forbidden = make("span");
  const attentionLegend = make("div", "legend", { testid: "mp-attention-legend" }, v.attentionName,
    make("span", "mp-scale", {}, v.attentionBar, ...v.attentionEnds), make("i", "mp-hatch"), v.forbidden);
  v.differenceLess = make("span");
  v.differenceBar = make("div", "mp-bar");
  v.differenceMore = make("span");
  v.differenceLegend = make("div", "legend", { testid: "mp-difference-legend" },
    v.differenceLess, v.differenceBar, v.differenceMore);
  v.limit = make("p", "note", { testid: "mp-attention-limit" });
  v.caution = make("p", "mp-caution", { testid: "mp-caution" });
  v.attention = make("section", "mp-right", { testid: "mp-attention" },
    make("header", "mp-head", {}, v.mapTitle, v.layer.node, v.head.node, v.scale.node, v.compare.node,
      v.which.node), v.mapRows, v.mapsBox,
    (v.legends = make("div", "mp-legends", {}, attentionLegend, v.differenceLegend)), v.limit, v.caution);

  v.speedCycle = make("button", "button mp-cycle", { type: "button", "data-do": "faster", testid: "mp-faster" });
  v.waiting = make("p", "empty", { testid: "mp-waiting", hidden: "" });
  v.main = make("div", "mp-main", {},
    make("section", "mp-left", {}, top, v.whose.node, v.arms, v.part.node, v.heatPart), v.attention);
  v.root.append(v.waiting, v.main);
  return v;
}
