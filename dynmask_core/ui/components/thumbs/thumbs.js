// A row of small pictures, of which exactly one is chosen.
import { builtOnce, make, onAction, onKey, setAttribute } from "../../web/dom.js";
import { mount } from "../../web/mount.js";

const STEPS_OF_THUMBS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

export default mount(createThumbs);

function createThumbs(signal) {
  const root = make("div", "web tb", { role: "radiogroup", testid: "thumbs" });
  const once = builtOnce();
  let data = null;
  let chosen = 0;
  let buttons = [];
  let send = () => {};

  function receive(fresh, _, { setStateValue }) {
    if (data?.of !== fresh.of) chosen = 0;
    [data, send] = [fresh, setStateValue];
    chosen = Math.min(chosen, Math.max(0, data.thumbs.length - 1));
    setAttribute(root, "aria-label", data.title);
    once("thumbs", data.thumbs, () => {
      buttons = data.thumbs.map(({ url, label }, i) => make("button", "tb-one",
        { type: "button", role: "radio", "data-do": "choose", "data-value": i, "aria-label": label, testid: "thumb" },
        // As a data URL whatever it says: nothing is ever loaded.
        make("span", "tb-picture", { "aria-hidden": "true", style: `background-image: url(data:${url.slice(5)})` }),
        make("span", "tb-label", { "aria-hidden": "true" }, label)));
      root.replaceChildren(...buttons);
    });
    mark();
  }

  function mark() {
    buttons.forEach((button, i) => {
      setAttribute(button, "aria-checked", String(i === chosen));
      button.tabIndex = i === chosen ? 0 : -1;
    });
  }

  function choose(index) {
    chosen = index;
    mark();
    send("chosen", { index, of: data.of });
  }

  onAction(root, { choose: (index) => choose(Number(index)) }, signal);
  onKey(root, ({ key }) => {
    const by = STEPS_OF_THUMBS[key];
    const next = by && buttons[chosen + by];
    if (!next) return Boolean(by);
    choose(chosen + by);
    next.focus();
    return true;
  }, signal);
  return { root, receive };
}
