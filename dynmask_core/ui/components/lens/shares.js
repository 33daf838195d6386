// Scores → shares, as the model makes them.

const BISECTIONS = 60;

// scores: numbers, or null for a forbidden edge (−∞). alpha: 1 is softmax, more is α-entmax (Peters et al. 2019).
// A query without any edge shares nothing out.
export function sharesOf(scores, alpha) {
  const open = scores.filter((score) => score !== null);
  if (!open.length) return scores.map(() => 0);
  const most = Math.max(...open);
  if (alpha === 1) {
    const raised = scores.map((score) => (score === null ? 0 : Math.exp(score - most)));
    const sum = raised.reduce((a, b) => a + b);
    return raised.map((value) => value / sum);
  }
  const z = scores.map((score) => (score === null ? -Infinity : (alpha - 1) * (score - most)));
  const at = (tau) => z.map((value) => Math.max(value - tau, 0) ** (1 / (alpha - 1)));
  let [low, high] = [-1, 0]; // the largest z is 0: at τ = −1 its share alone is 1, at 0 all shares are 0
  for (let i = 0; i < BISECTIONS; i += 1) {
    const middle = (low + high) / 2;
    if (at(middle).reduce((a, b) => a + b) >= 1) low = middle;
    else high = middle;
  }
  const found = at(low);
  const sum = found.reduce((a, b) => a + b);
  return found.map((value) => value / sum);
}

// The weighted sum of the values, times the head's gate.
export function sumOf(shares, values, gate) {
  const total = new Float64Array(values[0].length);
  shares.forEach((share, k) => values[k].forEach((value, i) => { total[i] += gate * share * value; }));
  return total;
}

export const lengthOf = (vector) => Math.hypot(...vector);
