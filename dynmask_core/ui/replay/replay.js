// The page of a replay: which sentence and which language the player shows. It shares one scope with the player.
const book = JSON.parse(document.getElementById("book").textContent);
const place = document.getElementById("player");
const sentence = document.getElementById("sentence");
const languages = [...document.querySelectorAll("[data-switch]")];
const opened = new Map(); // sentence → its bytes
let asked = 0;

function language() {
  return languages.find((button) => button.getAttribute("aria-pressed") === "true").dataset.switch;
}

async function bytesOf(index) {
  if (!opened.has(index)) {
    const packed = Uint8Array.from(atob(book.sentences[index]), (character) => character.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    opened.set(index, new Uint8Array(await new Response(stream).arrayBuffer()));
  }
  return opened.get(index);
}

async function show() {
  const turn = (asked += 1);
  const index = Number(sentence.value);
  const bytes = await bytesOf(index);
  if (turn !== asked) return; // the reader has chosen something else meanwhile
  const lang = language();
  const said = { lang, strings: book.strings[lang], marks: book.marks[lang], digest: `${index} ${lang}` };
  draw({ data: Object.assign(unseal(bytes), said), parentElement: place, setStateValue: () => {} });
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
