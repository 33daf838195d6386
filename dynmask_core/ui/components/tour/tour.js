// Hints for a first visit. Which was read last is kept in the browser's storage; without storage they come every time.
import { make, setText } from "../../web/dom.js";
import { mount } from "../../web/mount.js";

const PLACE = "dynmask.tour";

export default mount(createTour);

function createTour() {
  const step = make("strong", "tr-step");
  const said = make("p", "tr-said", { "aria-live": "polite", testid: "tour-hint" });
  const next = make("button", "tr-next", { type: "button", testid: "tour-next" });
  const skip = make("button", "tr-skip", { type: "button", testid: "tour-skip" });
  const root = make("section", "web tr", { testid: "tour" }, step, said, make("span", "tr-do", {}, next, skip));
  root.hidden = true;
  let [at, hints, words] = [seen(), [], {}];

  function draw() {
    root.hidden = at >= hints.length;
    if (root.hidden) return;
    setText(step, words.step.replace("{number}", `${at + 1} / ${hints.length}`));
    setText(said, hints[at]);
    const last = at === hints.length - 1;
    setText(next, last ? words.done : words.next);
    setText(skip, words.skip);
    skip.hidden = last;
  }

  function go(to) {
    at = to;
    try {
      localStorage.setItem(PLACE, String(at));
    } catch {
      // The hints will come again.
    }
    draw();
  }

  next.addEventListener("click", () => go(at + 1));
  skip.addEventListener("click", () => go(hints.length));
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape") go(hints.length);
  });

  function receive(data) {
    ({ hints, words } = data);
    root.setAttribute("aria-label", words.title);
    draw();
  }
  return { root, receive, recolour() {} };
}

function seen() {
  try {
    const number = Number(localStorage.getItem(PLACE));
    return Number.isInteger(number) && number > 0 ? number : 0;
  } catch {
    return 0;
  }
}
