// The numbers of the attention maps, independent of how they are drawn.

const OVERVIEW_GROUPS = 16;

// What a recorded byte means (see attention_code.py); 0 is an edge that the mask forbids.
export const WEIGHT = Float32Array.from({ length: 256 }, (_, code) => (code ? ((code - 1) / 254) ** 3 : 0));

// One head's recorded bytes, [S, S], and how many keys each of its queries has, [S].
export function recordOf(model, arm, epoch, layer, head) {
  const [, E, , L, H, S] = model.shape;
  const map = ((arm * E + epoch) * L + layer) * H + head;
  return { codes: model.attention.subarray(map * S * S, (map + 1) * S * S), keys: model.keys.subarray(map * S, (map + 1) * S) };
}

// One map of n × n cells, rows = queries: { n, weight, level }. weight: in 0-1. level: log2(weight × number of keys),
// 0 is an even share; NaN where the mask forbids every edge of the cell. head may be "mean", over the open heads;
// `groups` gathers neighbouring positions.
export function readMap(model, arm, epoch, layer, head, groups = null) {
  const [, , , , H, S] = model.shape;
  const heads = head === "mean" ? Array.from({ length: H }, (_, h) => h) : [head];
  const weight = new Float32Array(S * S);
  const even = new Float32Array(S * S); // what each cell would be if every query spread its attention evenly
  let open = 0;
  for (const h of heads) {
    const { codes, keys } = recordOf(model, arm, epoch, layer, h);
    open += openness(model, arm, epoch, layer, h) > 0 ? 1 : 0;
    for (let q = 0, i = 0; q < S; q += 1) {
      const share = 1 / keys[q];
      for (let k = 0; k < S; k += 1, i += 1) {
        if (codes[i] === 0) continue;
        weight[i] += WEIGHT[codes[i]];
        even[i] += share;
      }
    }
  }
  if (open > 1) for (let i = 0; i < S * S; i += 1) weight[i] /= open;
  if (open > 1) for (let i = 0; i < S * S; i += 1) even[i] /= open;
  if (!groups) return { n: S, weight, level: levelsOf(weight, even) };
  const [w, e] = [weight, even].map((values) => gather(values, S, groups));
  return { n: groups.length, weight: w, level: levelsOf(w, e) };
}

function levelsOf(weight, even) {
  const level = new Float32Array(weight.length);
  for (let i = 0; i < level.length; i += 1) level[i] = even[i] > 0 ? Math.log2(weight[i] / even[i]) : NaN;
  return level;
}

// From one group's words to another's: summed over the keys and averaged over the queries, so that rows still sum to 1.
function gather(values, S, groups) {
  const n = groups.length;
  const small = new Float32Array(n * n);
  groups.forEach(([q0, q1], i) => groups.forEach(([k0, k1], j) => {
    let sum = 0;
    for (let q = q0; q < q1; q += 1) for (let k = k0; k < k1; k += 1) sum += values[q * S + k];
    small[i * n + j] = sum / (q1 - q0);
  }));
  return small;
}

// How much more attention the second map has: { n, weight, level }; NaN where either forbids the edge.
export function differenceOf(first, second) {
  const [weight, level] = [second.weight.slice(), second.level.slice()];
  for (let i = 0; i < level.length; i += 1) {
    level[i] = level[i] === first.level[i] ? 0 : level[i] - first.level[i]; // two weights of 0 do not differ
    weight[i] = Number.isNaN(level[i]) ? NaN : weight[i] - first.weight[i];
  }
  return { n: second.n, weight, level };
}

// [CLS] alone, then runs of neighbouring words: half-open ranges over the S positions.
export function overviewGroups(side) {
  const step = Math.ceil((side - 1) / (OVERVIEW_GROUPS - 1));
  const groups = [[0, 1]];
  for (let at = 1; at < side; at += step) groups.push([at, Math.min(side, at + step)]);
  return groups;
}

// A round number no smaller than any difference of two arms' weights: the scale does not change while scrubbing.
export function differenceRange(model, arm) {
  const [, E, , L, H, S] = model.shape;
  const stretch = L * H * S * S;
  let most = 0;
  for (let e = 0; e < E; e += 1) {
    if (!model.recorded[e]) continue;
    const [a, b] = [e * stretch, (arm * E + e) * stretch];
    for (let i = 0; i < stretch; i += 1) {
      const apart = WEIGHT[model.attention[b + i]] - WEIGHT[model.attention[a + i]];
      most = Math.max(most, apart, -apart);
    }
  }
  return [0.05, 0.1, 0.25, 0.5].find((range) => most <= range) ?? 1;
}

// [forbidden, all] edges of a head.
export function countEdges(model, arm, epoch, layer, head) {
  const { codes } = recordOf(model, arm, epoch, layer, head);
  let forbidden = 0;
  for (let i = 0; i < codes.length; i += 1) if (codes[i] === 0) forbidden += 1;
  return [forbidden, codes.length];
}

// How far a head is open, 0-1.
export function openness(model, arm, epoch, layer, head) {
  const [, E, , L, H] = model.shape;
  return model.heads[((arm * E + epoch) * L + layer) * H + head] / 255;
}
