// The page of a replay: which sentence, epoch and language its parts show.
const book = JSON.parse(document.getElementById("book").textContent);
const { unseal, textsOf } = playerPart;
const place = document.getElementById("player");
const sentence = document.getElementById("sentence");
const languages = [...document.querySelectorAll("[data-switch]")];
const opened = new Map(); // sentence → its player's bytes, its lens's bytes, its what-ifs
let asked = 0;
let shown = null; // the sentence on the page

function language() {
  return languages.find((button) => button.getAttribute("aria-pressed") === "true").dataset.switch;
}

async function contentOf(index) {
  if (!opened.has(index)) {
    const [seen, lens, act] = await Promise.all(["sentences", "lenses", "whatIfs"].map((name) =>
      book[name][index] && unsqueeze(book[name][index])));
    opened.set(index, { seen, lens, act: act && JSON.parse(new TextDecoder().decode(act)) });
  }
  return opened.get(index);
}

async function show() {
  const turn = (asked += 1);
  const index = Number(sentence.value);
  const content = await contentOf(index);
  if (turn !== asked) return; // the reader has chosen something else meanwhile
  const lang = language();
  const said = { lang, strings: book.strings[lang], marks: book.marks[lang], digest: `${index} ${lang}` };
  playerPart.draw({ data: Object.assign(unseal(content.seen), said), parentElement: place, setStateValue: picked });
  if (shown !== index) {
    shown = index;
    openLens(content.lens);
    openAct(content.act);
  }
  follow();
  if (lensPlace) drawLens(lang);
  if (actPlace) drawAct(lang);
}

function picked(_, pick) {
  if (!lensPlace || !looked) return;
  pickLens(pick);
  drawLens(language());
}

// The player says at its root at which epoch it stands.
function follow() {
  const player = place.firstElementChild;
  const read = () => { lensEpoch = Number(player.dataset.epoch ?? 0); };
  if (lensPlace && !player.followed) {
    player.followed = new MutationObserver(() => {
      const before = nearest(lensEpoch);
      read();
      if (nearest(lensEpoch) !== before) drawLens(language());
    });
    player.followed.observe(player, { attributeFilter: ["data-epoch"] });
  }
  read();
}

function speak(lang) {
  for (const button of languages) button.setAttribute("aria-pressed", String(button.dataset.switch === lang));
  for (const part of document.querySelectorAll("[data-lang]")) part.hidden = part.dataset.lang !== lang;
  document.documentElement.lang = book.locales[lang];
  document.title = book.titles[lang];
  sentence.setAttribute("aria-label", document.querySelector(`[data-lang="${lang}"] .choose`)?.textContent ?? "");
}

for (const button of languages) {
  button.addEventListener("click", () => {
    speak(button.dataset.switch);
    show();
  });
}
sentence.addEventListener("change", show);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
show();
