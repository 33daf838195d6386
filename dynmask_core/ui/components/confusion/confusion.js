// A confusion matrix as a table of buttons. A cell's colour is its share of the texts of its row.
import { make, onAction, onKey, setText } from "../../web/dom.js";
import { mount } from "../../web/mount.js";
import { blend, css, inkOn } from "../../web/scale.js";

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export default mount(createMatrix);

function createMatrix(signal) {
  const title = make("figcaption", "cm-title");
  const box = make("div", "cm-box");
  const root = make("figure", "web cm", { testid: "confusion" }, title, box);
  let data = null;
  let theme = null;
  let send = () => {};
  let cells = []; // [row][column]

  function receive(fresh, colours, { setTriggerValue }) {
    send = setTriggerValue;
    // Equal data keeps its buttons, so that the focus stays where it is.
    const same = JSON.stringify(fresh) === JSON.stringify(data) && theme?.signature === colours.signature;
    [data, theme] = [fresh, colours];
    if (!same) draw();
  }

  function draw() {
    const { counts, classes, strings } = data;
    setText(title, data.title);
    const empty = blend(theme.background, theme.text, 0.05);
    const full = theme.arm(data.color);
    cells = counts.map((row, i) => row.map((count, j) => {
      const total = row.reduce((sum, n) => sum + n, 0);
      const colour = blend(empty, full, total ? count / total : 0);
      const told = strings.cell
        .replace("{true}", () => classes[i]).replace("{predicted}", () => classes[j]).replace("{texts}", count);
      return make("button", "cm-cell", {
        type: "button", "data-do": "cell", "data-value": `${i},${j}`, "aria-label": told, title: told,
        tabindex: i + j ? -1 : 0, style: `background: ${css(colour)}; color: ${inkOn(colour)}`,
      }, String(count));
    }));
    const names = classes.map((name) => make("th", "cm-name", { scope: "col", title: name }, make("span", "", {}, name)));
    const head = [
      make("tr", "", {}, make("td"), make("th", "cm-axis", { colspan: classes.length }, `${strings.predicted} →`)),
      make("tr", "", {}, make("th", "cm-axis cm-corner", { scope: "row" }, `${strings.true} ↓`), ...names),
    ];
    const rows = cells.map((row, i) => make("tr", "", {},
      make("th", "cm-name cm-row", { scope: "row", title: classes[i] }, make("span", "", {}, classes[i])),
      ...row.map((cell) => make("td", "", {}, cell))));
    box.replaceChildren(make("table", "", {}, make("thead", "", {}, ...head), make("tbody", "", {}, ...rows)));
  }

  onAction(root, { cell: (at) => send("cell", at.split(",").map(Number)) }, signal);
  // One stop for the tab key; the arrows move from cell to cell.
  onKey(root, ({ key, target }) => {
    const by = ARROWS[key];
    if (!by || !target.dataset.value) return false;
    const [i, j] = target.dataset.value.split(",").map(Number);
    const next = cells[i + by[0]]?.[j + by[1]];
    if (!next) return true;
    target.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
    return true;
  }, signal);
  return { root, receive };
}
