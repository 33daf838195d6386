// A mask over bands of a sound: one number for each band of each unit, laid over the spectrogram cell by cell. One number
// a unit would hide which pitches are gone.
import { edge, fit } from "../../web/canvas.js";
import { make, setAttribute } from "../../web/dom.js";
import { fillHatch } from "./hatch.js";

const BAND_HIDDEN = 0.5; // a cell counts as hidden below this value

export const masksBands = ({ arms, picture }, a) => Boolean(picture && arms[a].bands);

// The layer over an arm's picture; null for arms without such a mask.
export function buildBands(model, a) {
  return masksBands(model, a) ? make("canvas", "mp-bands", { role: "img", testid: "mp-bands" }) : null;
}

// Measures once, so that a step of the scrubber need not.
export function layOutBands({ v, model }) {
  const any = model.arms.some((_, a) => masksBands(model, a));
  v.bandsLegend.hidden = !any;
  v.blocks.forEach(({ parts }) => {
    if (parts.bands) parts.bandsSize = [parts.text.clientWidth, parts.text.clientHeight];
  });
}

const bandsAt = ({ bands, bandCount, shape: [, E, T] }, a, e) => bands.subarray((a * E + e) * T * bandCount, (a * E + e + 1) * T * bandCount);

export function showBands({ model }, parts, a, index) {
  const [width, height] = parts.bandsSize ?? [];
  if (!parts.bands || !width) return;
  const { bandCount: B, shape: [, E, T] } = model;
  const context = fit(parts.bands, width, height);
  const values = bandsAt(model, a, index);
  for (let unit = 0; unit < T; unit += 1) {
    if (model.states[(a * E + index) * T + unit] === 2) continue; // not recorded
    const [left, right] = [edge((unit * width) / T), edge(((unit + 1) * width) / T)];
    for (let band = 0; band < B; band += 1) {
      const gone = 1 - values[unit * B + band] / 255;
      if (!gone) continue;
      const [top, bottom] = [edge(((B - 1 - band) * height) / B), edge(((B - band) * height) / B)];
      fillHatch(context, [left, top, right - left, bottom - top], gone);
    }
  }
}

// What is hidden of all of it, in one phrase: how much, and which bands at nearly all times.
export function bandsTold({ model, t }, a, index) {
  const { bandCount: B, shape: [, E, T] } = model;
  if (model.states[(a * E + index) * T] === 2) return t("unknown");
  const values = bandsAt(model, a, index);
  const percent = Math.round(100 * (1 - values.reduce((sum, value) => sum + value, 0) / (255 * values.length)));
  const means = Array.from({ length: B }, (_, band) => {
    let sum = 0;
    for (let unit = 0; unit < T; unit += 1) sum += values[unit * B + band];
    return sum / (255 * T);
  });
  return [t("bands_hide", { percent }), bandsListed(t, means)].filter(Boolean).join(" · ");
}

// What is hidden of one unit.
export function bandsOfUnit({ model, t }, a, e, unit) {
  const { bandCount: B } = model;
  const values = bandsAt(model, a, e).subarray(unit * B, (unit + 1) * B);
  return bandsListed(t, Array.from(values, (value) => value / 255)) || t("bands_none");
}

// Names a layer for those who do not see it.
export function nameBands(player, parts, a, index) {
  const { model, t } = player;
  const names = { arm: model.arms[a].name, epoch: model.epochs[index], told: bandsTold(player, a, index) };
  if (parts.bands) setAttribute(parts.bands, "aria-label", t("bands_label", names));
}

// Neighbouring hidden bands as ranges, 1 is the lowest: "bands 3–7, 12 hidden"; "" if none is.
function bandsListed(t, values) {
  const runs = [];
  values.forEach((value, band) => {
    if (value >= BAND_HIDDEN) return;
    if (runs.at(-1)?.[1] === band) runs.at(-1)[1] = band + 1;
    else runs.push([band + 1, band + 1]);
  });
  if (!runs.length) return "";
  return t("bands_hidden", { bands: runs.map(([from, to]) => (from === to ? from : `${from}–${to}`)).join(", "), all: values.length });
}
