// The lens below the player. It follows the scrubber to the nearest epoch that it knows, and a click in the player.

const lensPlace = document.getElementById("lens");
const chosen = { layer: 0, head: 0, query: 0, key: null };
let looked = null; // the recorded lens of the sentence
let lensEpoch = 0;

function openLens(bytes) {
  looked = null;
  if (!bytes) return;
  const read = lensPart.unseal(bytes);
  const [M, A, L, H, T, d] = read.shape;
  const edges = A * L * H * T * T;
  const sizes = { dot: edges, value: A * L * H * T * d, open: edges, bias: edges, weight: edges };
  looked = { ...read, numbers: spread(read.body, M, sizes, read.widths) };
  [chosen.layer, chosen.head, chosen.query] = read.start;
  chosen.key = null;
}

// As the app rounds what it sends: else a number on the edge of two shown ones could fall to the other side.
const rounded = (value) => Math.round(value * PER_UNIT) / PER_UNIT;

// What the app would send to its lens for the chosen row of one arm.
function rowOf(moment, a) {
  const [, A, L, H, T, d] = looked.shape;
  const told = looked.moments[moment][a];
  const { layer, head, query } = chosen;
  const at = ((moment * A + a) * L + layer) * H + head;
  const { dot, value, open, bias, weight } = looked.numbers;
  const row = (array) => Array.from(array.subarray((at * T + query) * T, (at * T + query + 1) * T), (n) => n / PER_UNIT);
  const alpha = told.alpha[layer];
  const arm = {
    ...looked.arms[a], epoch: told.epoch, alpha, gate: told.gate[layer][head], mask: told.mask,
    removed: told.removed[layer].map(Boolean), dot: row(dot),
    value: Array.from({ length: T }, (_, k) =>
      Array.from(value.subarray((at * T + k) * d, (at * T + k + 1) * d), (n) => n / PER_UNIT)),
  };
  const allowed = row(open).map((n) => n > 0);
  const added = bias ? row(bias) : allowed.map(() => 0);
  arm.scaled = arm.dot.map((n) => rounded(n / Math.sqrt(d)));
  arm.bias = added.map((n, k) => (allowed[k] ? n : null));
  arm.weight = weight ? row(weight)
    : lensPart.sharesOf(arm.scaled.map((n, k) => (allowed[k] ? n + added[k] : null)), alpha).map(rounded);
  return arm;
}

// What there is to look at, in the order of the app: what happens in attention comes first.
function whatActs(rows) {
  const any = (test) => rows.some((row) => row.bias.some((bias, k) => test(bias, row.removed[k])));
  if (any((bias, removed) => bias === null && !removed)) return "forbidden";
  if (rows.some(({ removed }) => removed.some(Boolean))) return "removed";
  if (any((bias) => bias)) return "soft";
  if (rows.some(({ gate }) => gate !== 1)) return "heads";
  return rows.some(({ input }) => input) ? "input" : "nothing";
}

function notesOn(rows, t) {
  const names = (list) => list.map((row) => row.brief).join(", ");
  const gone = rows.filter((row) => row.removed[chosen.query]);
  const only = rows.filter((row) => row.onlyTraining);
  return [
    t(`look.${whatActs(rows)}`), ...(gone.length ? [t("gone", { arms: names(gone) })] : []),
    ...rows.filter(({ alpha }) => alpha !== 1).map((row) =>
      t(`map.${row.alpha === null ? "other" : "entmax"}`, { arm: row.brief, alpha: row.alpha ?? 0 })),
    ...(only.length ? [t("only_training", { arms: names(only) })] : []),
  ];
}

const nearest = (epoch) => book.lensEpochs.reduce((best, one, i) =>
  (Math.abs(one - epoch) < Math.abs(book.lensEpochs[best] - epoch) ? i : best), 0);

function drawLens(lang) {
  const strings = book.strings[lang];
  const t = textsOf("lens", () => strings);
  const notes = document.getElementById("lens-notes");
  const places = document.getElementById("lens-place");
  places.hidden = lensPlace.hidden = !looked;
  if (!looked) {
    notes.replaceChildren(paragraph(strings["take.replay.lens_missing"]));
    return;
  }
  const [, , L, H] = looked.shape;
  const count = (n) => Array.from({ length: n }, (_, i) => String(i + 1));
  offer("lens-layer", t("layer"), count(L), chosen.layer);
  offer("lens-head", t("head"), count(H), chosen.head);
  offer("lens-query", t("query"), looked.words.map((word, i) => (i ? `${i} · ${word}` : word)), chosen.query);
  const arms = looked.arms.map((_, a) => rowOf(nearest(lensEpoch), a));
  notes.replaceChildren(...notesOn(arms, t).map(paragraph));
  const { words, textLang } = looked;
  lensPart.draw({
    data: { lang, strings, words, textLang, arms, query: chosen.query, key: chosen.key, at: [chosen.layer, chosen.head] },
    parentElement: lensPlace,
  });
}

// A select box of the page: its name and options; rebuilt only when they change.
function offer(id, name, options, value) {
  const box = document.getElementById(id);
  const signature = JSON.stringify([name, options]);
  if (box.signature !== signature) {
    box.signature = signature;
    box.replaceChildren(...options.map((option, i) => new Option(option, i)));
    box.previousElementSibling.textContent = name;
  }
  box.value = value;
}

function paragraph(text) {
  const node = document.createElement("p");
  node.textContent = text;
  return node;
}

function pickLens({ layer, head, query, key }) {
  Object.assign(chosen, { layer, head: head ?? chosen.head, query, key });
}

for (const [id, name] of [["lens-layer", "layer"], ["lens-head", "head"], ["lens-query", "query"]]) {
  document.getElementById(id)?.addEventListener("change", ({ target }) => {
    chosen[name] = Number(target.value);
    drawLens(language());
  });
}
