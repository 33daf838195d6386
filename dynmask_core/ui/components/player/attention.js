// The numbers of the attention maps, independent of how they are drawn.

const OVERVIEW_GROUPS = 16;

// One map as [n, n] values in 0-1, rows = queries. `head` may be "mean"; `groups` sums neighbouring keys.
export function readAttention(model, arm, epoch, layer, head, groups) {
  const [, E, , L, H, S] = model.shape;
  const square = S * S;
  const first = ((arm * E + epoch) * L + layer) * H * square;
  const full = new Float32Array(square);
  const heads = head === "mean" ? Array.from({ length: H }, (_, h) => h) : [head];
  for (const h of heads) {
    const from = first + h * square;
    for (let i = 0; i < square; i += 1) full[i] += model.attention[from + i];
  }
  const unit = 1 / (255 * heads.length);
  for (let i = 0; i < square; i += 1) full[i] *= unit;
  if (!groups) return full;
  // Overview: attention of a group's words to another group, averaged over the queries, so rows still sum to 1.
  const n = groups.length;
  const small = new Float32Array(n * n);
  groups.forEach(([q0, q1], i) => groups.forEach(([k0, k1], j) => {
    let sum = 0;
    for (let q = q0; q < q1; q += 1) for (let k = k0; k < k1; k += 1) sum += full[q * S + k];
    small[i * n + j] = sum / (q1 - q0);
  }));
  return small;
}

// [CLS] alone, then runs of neighbouring words: half-open ranges over the S positions.
export function overviewGroups(side) {
  const step = Math.ceil((side - 1) / (OVERVIEW_GROUPS - 1));
  const groups = [[0, 1]];
  for (let at = 1; at < side; at += step) groups.push([at, Math.min(side, at + step)]);
  return groups;
}

// A round number no smaller than any difference of the two arms: the scale does not change while scrubbing.
export function differenceRange(model, arm) {
  const [, E, , L, H, S] = model.shape;
  const stretch = L * H * S * S;
  let most = 0;
  for (let e = 0; e < E; e += 1) {
    if (!model.recorded[e]) continue;
    const [a, b] = [e * stretch, (arm * E + e) * stretch];
    for (let i = 0; i < stretch; i += 1) {
      most = Math.max(most, Math.abs(model.attention[b + i] - model.attention[a + i]));
    }
  }
  return [0.05, 0.1, 0.25, 0.5].find((range) => most / 255 <= range) ?? 1;
}
