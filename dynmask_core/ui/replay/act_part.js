// The recorded what-ifs: a click is answered with what the models said when the page was made. Only one thing at a time
// is recorded, so a click puts back what the one before has taken.

const actPlace = document.getElementById("act");
const IDLE = { removed: [], restored: [], heads: [] };
let recorded = null;
let clicked = { ...IDLE, clicks: 0 };

function openAct(told) {
  [recorded, clicked] = [told, { ...IDLE, clicks: 0 }];
}

// The name of what a click has added to the choice before, as in what_ifs.py; "" if it has only undone something.
function newest(choice) {
  const added = (name) => choice[name].find((one) => !clicked[name].includes(one));
  const [head, removed, restored] = ["heads", "removed", "restored"].map(added);
  if (head !== undefined) return `h${head}`;
  if (removed !== undefined) return `-${removed}`;
  return restored === undefined ? "" : `+${restored}`;
}

function answer(choice, lang) {
  const name = newest(choice);
  const found = recorded.clicks[name] ?? recorded.base;
  clicked = { removed: found.removed, restored: found.restored, heads: found.off, clicks: choice.clicks };
  drawAct(lang, found);
}

function drawAct(lang, found = null) {
  const missing = document.getElementById("act-missing");
  missing.hidden = Boolean(recorded);
  actPlace.hidden = !recorded;
  if (!recorded) {
    missing.textContent = book.strings[lang]["take.replay.act_missing"];
    return;
  }
  const { base } = recorded;
  const now = found ?? (Object.values(recorded.clicks).find(isClicked) ?? base);
  const arms = base.arms.map((arm, a) => ({ ...arm, ...now.arms[a] }));
  actPart.draw({
    data: { ...base, ...now, arms, lang, strings: book.strings[lang], clicks: clicked.clicks },
    parentElement: actPlace,
    setStateValue: (_, choice) => answer(choice, lang),
  });
}

function isClicked({ removed, restored, off }) {
  return JSON.stringify([removed, restored, off]) === JSON.stringify([clicked.removed, clicked.restored, clicked.heads]);
}
