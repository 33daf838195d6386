// The player: what the reader has chosen, the clock, and what is redrawn when. Streamlit calls the default export
// again with the same parentElement whenever data or theme change: what must survive hangs on that element.

const PLAYERS = new WeakMap();
const STEP_MS = 500; // one epoch at speed 1
const AUTOPLAY_MS = 4000; // the whole of a finished run, once
const FRAME = 8; // room that the stylesheet leaves around canvases, so that outlines at their edge are not cut

export default function ({ data, parentElement }) {
  if (!data) return undefined;
  let player = PLAYERS.get(parentElement);
  if (!player) PLAYERS.set(parentElement, (player = createPlayer()));
  if (player.root.parentNode !== parentElement) parentElement.append(player.root);
  player.receive(data);
  // A cleanup also runs for a call that newer data overtook: only a player that has left the page is taken down.
  return () => setTimeout(() => {
    if (player.root.isConnected) return;
    player.destroy();
    if (PLAYERS.get(parentElement) === player) PLAYERS.delete(parentElement);
  });
}

function createPlayer() {
  const v = buildFrame();
  const root = v.root;
  const state = {
    index: 0, epoch: null, // the place, and the epoch number that stands there
    layer: 0, head: 0, other: 1, overview: true, // head may be "mean"; other is the arm compared with the baseline
    held: false, playing: false, speed: 1, pace: STEP_MS,
  };
  const built = {}; // what the current elements were built for, so that equal data leaves them alone
  const gone = new AbortController();
  const ruler = document.createElement("canvas").getContext("2d");
  let model = null;
  let theme = null;
  let timer = 0;
  let heat = null;
  let maps = null; // { layout, groups, labels, list: [{ arm, difference, ramp, values }] }

  const t = (name, values = {}) =>
    (model.strings[`player.${name}`] ?? "").replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
  const last = () => model.epochs.length - 1;
  const isLong = () => model.words.length > OVERVIEW_FROM;
  const folded = () => isLong() && state.overview;
  const following = () => model.running && !state.held;
  const number = (value) => value.toFixed(2);
  const once = (name, value, build) => {
    const signature = JSON.stringify(value);
    if (built[name] === signature) return;
    built[name] = signature;
    build();
  };

  // ---- data ----------------------------------------------------------------------------------------------------

  function receive(bytes) {
    const next = decode(bytes);
    const fresh = readTheme(root);
    const recoloured = theme?.signature !== fresh.signature;
    if (next.digest === model?.digest) {
      if (recoloured) {
        theme = fresh;
        layOut();
      }
      return;
    }
    const before = model;
    // The news that a run has ended may bring its last epoch along: whoever was following sees that one too.
    const followed = model !== null && following();
    model = next;
    theme = fresh;
    setAttribute(root, "lang", model.lang);
    // Epoch numbers that start over belong to a new run: nobody has taken hold of that one yet.
    if (before && model.running && before.epochs.at(-1) > (model.epochs.at(-1) ?? -1)) state.held = false;
    const [, , , L, H] = model.shape;
    state.layer = Math.min(state.layer, Math.max(0, L - 1));
    if (state.head !== "mean") state.head = Math.min(state.head, Math.max(0, H - 1));
    state.other = Math.min(Math.max(1, state.other), model.arms.length - 1);
    rebuild();
    const empty = model.epochs.length === 0;
    v.waiting.hidden = !empty;
    v.main.hidden = v.transport.hidden = empty;
    if (empty) return;
    const shows = !before?.epochs.length && !model.running && model.autoplay && last() > 0;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (shows && !calm) state.index = 0;
    else if (state.epoch === null || ((followed || following()) && !state.playing)) state.index = last();
    else state.index = nearest(state.epoch);
    layOut();
    if (shows && !calm) play(Math.min(600, AUTOPLAY_MS / last()));
  }

  // The recorded epoch that stands where the reader stood; the closest earlier one if that is gone.
  function nearest(epoch) {
    const after = model.epochs.findIndex((e) => e > epoch);
    return after < 0 ? last() : Math.max(0, after - 1);
  }

  function rebuild() {
    const { strings, lang, arms, words, gaps, shape } = model;
    const [A, , , L, H] = shape;
    once("strings", [lang, strings], () => {
      const texts = {
        heatTitle: "heat_title", heatNote: "heat_note", mapTitle: "attention", caution: "attention_caution",
        maskName: "mask", maskLow: "mask_low", maskHigh: "mask_high", attentionName: "attention",
        liveText: "live", waiting: "waiting",
      };
      for (const [node, name] of Object.entries(texts)) setText(v[node], t(name));
      for (const name of ["first", "previous", "next", "last"]) label(v[name], t(name));
      label(v.live, t("live_title"));
      v.live.removeAttribute("aria-label");
      v.transport.title = t("keys");
      setAttribute(v.range, "aria-label", t("epoch"));
      built.sentence = built.arms = undefined;
    });
    once("arms", [arms, model.classes], () => {
      buildArms(v, model, t);
      built.sentence = undefined;
    });
    once("sentence", [words, gaps], () => {
      buildSentence(v, model);
      v.blocks.forEach(({ parts }, a) =>
        setAttribute(parts.text, "aria-label", t("sentence", { arm: arms[a].name })));
    });
    setText(v.truth, model.label === null ? "" : t("true_class", { label: model.classes[model.label] }));
    v.truth.hidden = model.label === null;
    setText(v.empty, t(words.length ? "attention_missing" : "no_words"));

    const count = (n) => Array.from({ length: n }, (_, i) => [i, String(i + 1), i + 1]);
    buildChoice(v.layerChoice, "layer", t("layer"), count(L));
    buildChoice(v.headChoice, "head", t("head"), H > 1 ? [...count(H), ["mean", t("mean")]] : count(H));
    const others = arms.slice(1).map((arm, i) => [i + 1, arm.name]);
    buildChoice(v.otherChoice, "compare", t("compare", { arm: arms[0].name }), others);
    buildChoice(v.speedChoice, "speed", t("speed"), SPEEDS.map((speed) => [speed, `×${speed}`]));
    const views = [["overview", t("overview")], ["words", t("every_word")]];
    buildChoice(v.viewChoice, "view", t("view"), isLong() ? views : []);
    const names = arms.map((arm, a) => ({ id: `arm-${a}`, text: arm.name, color: arm.color }));
    if (A > 1) names.push({ id: "difference", text: "" }); // named when the maps are laid out
    once("marks", [words, shape[0]], () => pointing.reset());
    once("maps", names, () => buildMaps(v, names));
    const side = shape[5] - 1;
    root.classList.toggle("mp-long", isLong());
    v.limit.hidden = side >= words.length;
    setText(v.limit, t("attention_limit", { n: side }));
  }

  const differenceName = () =>
    t("difference_label", { arm: model.arms[state.other].name, baseline: model.arms[0].name });

  function label(node, text) {
    setAttribute(node, "aria-label", text);
    setAttribute(node, "title", text);
  }

  // ---- geometry: after new data, a new size, a new theme or another choice -------------------------------------

  function layOut() {
    if (!model?.epochs.length) return;
    if (!root.clientWidth) {
      heat = maps = null; // in a closed tab nothing can be measured; opening it changes the width
      return;
    }
    paintTheme();
    press(v.layerChoice, state.layer);
    press(v.headChoice, state.head);
    press(v.otherChoice, state.other);
    showSpeed();
    press(v.viewChoice, state.overview ? "overview" : "words");
    setAttribute(v.range, "max", String(last()));
    buildTicks(v, model.epochs, model.recorded);

    heat = heatLayout(ruler, model, theme, v.heatBox.clientWidth - FRAME, folded());
    drawHeat(v.heat, model, theme, heat);
    while (v.heatCursors.childElementCount < heat.panels.length) v.heatCursors.append(make("div", "mp-cursor"));
    while (v.heatCursors.childElementCount > heat.panels.length) v.heatCursors.lastChild.remove();
    [...v.heatCursors.children].forEach((cursor, a) => {
      cursor.style.width = `${heat.column}px`;
      cursor.style.height = `${model.words.length * heat.row}px`;
      cursor.style.top = `${heat.panels[a].y}px`;
    });
    layOutMaps();
    show(state.index);
  }

  function layOutMaps() {
    const [A, , , , , S] = model.shape;
    const groups = folded() ? overviewGroups(S) : null;
    const positions = ["[CLS]", ...model.words.slice(0, S - 1).map((word) => word || "·")];
    const labels = groups ? groups.map(([a, b]) => (a ? `${a}–${b - 1}` : "[CLS]")) : positions;
    const full = groups ? groups.map(([a, b]) => positions.slice(a, b).join(" ")) : positions;
    const layout = mapLayout(ruler, labels, v.mapsBox.clientWidth - FRAME, v.figures.length, theme);
    setText(v.mapRows, groups ? t("overview_note", { n: groups[1][1] - groups[1][0] }) : t("attention_rows"));
    const range = A > 1 ? differenceRange(model, state.other) : 1;
    const colour = (a) => theme.arm(model.arms[a].color);
    const diverging = A > 1 && divergingRamp(colour(0), theme.neutral, colour(state.other));
    maps = { layout, groups, labels, full, list: v.figures.map((figure, i) => {
      const difference = i === A;
      const colourOf = difference
        ? (value) => diverging[127 + Math.max(-127, Math.min(127, Math.round((value / range) * 127)))]
        : (value) => theme.attention[Math.min(255, Math.round(value * 255))];
      const withRows = i % layout.across === 0;
      drawMapLabels(figure.parts.canvas, layout, labels, theme, withRows);
      figure.style.marginInlineStart = withRows ? "0" : `${layout.gap}px`;
      figure.firstChild.style.paddingInlineStart = withRows ? `${layout.labelSpace}px` : "0";
      figure.firstChild.style.maxWidth = `${layout.side + (withRows ? layout.labelSpace : 0)}px`;
      return { figure, arm: i, difference, colourOf, withRows, values: null };
    }) };
    // Wide enough for one row of maps and no more: the rows break where the geometry says.
    v.maps.style.width = `${layout.labelSpace + layout.across * layout.side + (layout.across - 1) * layout.gap}px`;
    v.differenceLegend.hidden = A < 2;
    if (A > 1) {
      v.differenceBar.style.background = gradient(diverging);
      setText(v.differenceLess, `${t("more_in", { arm: model.arms[0].name })} −${range}`);
      setText(v.differenceMore, `+${range} ${t("more_in", { arm: model.arms[state.other].name })}`);
      setText(v.figures[A].parts.title, differenceName());
      setAttribute(v.figures[A].parts.title, "title", differenceName());
    }
  }

  function paintTheme() {
    root.dataset.theme = theme.dark ? "dark" : "light";
    v.maskBar.style.background = gradient(theme.mask);
    v.attentionBar.style.background = gradient(theme.attention);
    model.arms.forEach((arm, a) => {
      for (const node of [v.blocks[a], v.figures[a]]) node.style.setProperty("--arm", css(theme.arm(arm.color)));
      v.blocks[a].parts.drawn.fill(-1);
    });
  }

  // ---- one epoch: all that a step of the scrubber costs --------------------------------------------------------

  function show(index) {
    state.index = Math.max(0, Math.min(last(), index));
    state.epoch = model.epochs[state.index];
    if (!heat) return;
    const of = { epoch: state.epoch, last: model.epochs[last()] };
    const text = t(state.epoch === 0 ? "epoch_zero" : "epoch_of", of);
    if (v.range.valueAsNumber !== state.index) v.range.value = String(state.index);
    setAttribute(v.range, "aria-valuetext", text);
    v.range.style.setProperty("--done", last() ? state.index / last() : 0);
    setText(v.epoch, text);
    setText(v.theta, t("threshold", { value: number(model.thresholds[state.index]) }));
    v.thetaMark.style.left = `${model.thresholds[state.index] * 100}%`;
    v.blocks.forEach((block, a) => showArm(block.parts, a));
    [...v.heatCursors.children].forEach((cursor, a) => {
      cursor.style.transform = `translateX(${heat.panels[a].x + state.index * heat.column}px)`;
    });
    setAttribute(v.heat, "aria-label", t("heat_label", of));
    showMaps(text);
    showTransport();
    pointing.refresh();
    const head = state.head === "mean" ? "mean" : state.head + 1;
    Object.assign(root.dataset, { epoch: state.epoch, layer: state.layer + 1, head });
  }

  function showArm(parts, a) {
    const [, E, T] = model.shape;
    const from = (a * E + state.index) * T;
    let kept = 0;
    for (let i = 0; i < T; i += 1) {
      const [value, what] = [model.masks[from + i], model.states[from + i]];
      if (what === 0) kept += 1;
      const code = what * 256 + value;
      if (parts.drawn[i] === code) continue;
      parts.drawn[i] = code;
      const chip = parts.chips[i];
      chip.style.backgroundColor = what === 2 ? "" : css(theme.mask[value]);
      chip.style.color = what === 2 ? "" : theme.maskInk[value];
      chip.classList.toggle("mp-removed", what === 1);
      chip.dataset.value = what === 2 ? "" : number(value / 255);
      chip.dataset.state = STATES[what];
      chip.setAttribute("aria-label", say.token(a, i));
    }
    setText(parts.kept, t("keeps", { kept, total: T }));
    showPrediction(parts, a);
  }

  function tokenText(name, a, e, i) {
    const at = (a * model.shape[1] + e) * model.shape[2] + i;
    const what = model.states[at];
    return t(name, {
      token: model.words[i] || "·", arm: model.arms[a].name, epoch: model.epochs[e],
      value: what === 2 ? "–" : number(model.masks[at] / 255), state: t(STATES[what]),
    });
  }

  function showPrediction(parts, a) {
    const chances = model.probabilities[a][state.index];
    parts.prediction.hidden = !model.classes.length; // a model that guesses words has no class to predict
    const best = chances.indexOf(Math.max(...chances));
    const known = model.recorded[state.index] && chances[best] >= 0;
    setText(parts.words, t(known ? "predicts" : "prediction_missing"));
    setText(parts.name, known ? model.classes[best] : "");
    setText(parts.value, known ? number(chances[best]) : "");
    parts.fill.style.transform = `scaleX(${known ? chances[best] : 0})`;
    const right = known && model.label !== null ? best === model.label : null;
    setText(parts.mark, right === null ? "" : `${right ? "✓" : "✗"} ${t(right ? "right" : "wrong")}`);
    parts.mark.dataset.right = right === null ? "" : String(right);
    parts.prediction.dataset.known = String(known);
  }

  function showMaps(epochText) {
    const [, , , L, H] = model.shape;
    const recorded = model.recorded[state.index] && L > 0 && H > 0 && model.words.length > 0;
    v.empty.hidden = recorded;
    v.maps.classList.toggle("mp-veiled", !recorded);
    for (const map of maps.list) {
      map.values = null;
      if (!recorded) continue;
      if (map.difference) {
        const [first, second] = [maps.list[0].values, maps.list[state.other].values];
        map.values = second.map((value, i) => value - first[i]);
      } else map.values = readAttention(model, map.arm, state.index, state.layer, state.head, maps.groups);
      drawCells(map.figure.parts.canvas, maps.layout, map.values, map.colourOf, theme, map.withRows);
      setAttribute(map.figure.parts.canvas, "aria-label", t("attention_label", {
        name: map.figure.parts.title.textContent, layer: state.layer + 1,
        head: state.head === "mean" ? t("mean") : state.head + 1, epoch: epochText,
      }));
    }
  }

  function showSpeed() {
    press(v.speedChoice, state.speed);
    setText(v.speedCycle, `×${state.speed}`);
    label(v.speedCycle, `${t("speed")} ×${state.speed}`);
  }

  function showTransport() {
    v.first.disabled = v.previous.disabled = state.index === 0;
    v.next.disabled = v.last.disabled = state.index === last();
    const wanted = state.playing ? v.pauseIcon : v.playIcon;
    if (v.play.firstChild !== wanted) v.play.replaceChildren(wanted);
    label(v.play, t(state.playing ? "pause" : "play"));
    v.play.disabled = last() === 0;
    v.live.hidden = !model.running;
    setAttribute(v.live, "aria-pressed", String(following()));
    // Read out where the reader stopped, not every epoch that flies past.
    setAttribute(v.epoch, "aria-live", state.playing || following() ? "off" : "polite");
    Object.assign(root.dataset, { playing: state.playing, live: following() });
  }

  // ---- the clock and the reader's hand -------------------------------------------------------------------------

  function play(pace = STEP_MS) {
    if (state.index === last()) show(0);
    state.playing = true;
    state.pace = pace;
    showTransport();
    clearTimeout(timer);
    timer = setTimeout(tick, pace / state.speed);
  }

  function tick() {
    if (!state.playing) return;
    show(state.index + 1);
    if (state.index === last()) pause();
    else timer = setTimeout(tick, state.pace / state.speed);
  }

  function pause() {
    clearTimeout(timer);
    state.playing = false;
    showTransport();
  }

  // From here on new data may extend the run but not move the reader.
  function hold(index) {
    state.held = true;
    if (state.playing) pause();
    show(index);
  }

  const actions = {
    first: () => hold(0),
    previous: () => hold(state.index - 1),
    next: () => hold(state.index + 1),
    last: () => hold(last()),
    play: () => {
      state.held = true;
      if (state.playing) pause();
      else play();
    },
    live: () => {
      pause();
      state.held = following();
      if (!state.held) state.index = last();
      show(state.index);
    },
    speed: (value) => {
      state.speed = Number(value);
      state.pace = STEP_MS;
      showSpeed();
    },
    faster: () => actions.speed(SPEEDS[(SPEEDS.indexOf(state.speed) + 1) % SPEEDS.length]),
    layer: (value) => {
      state.layer = Number(value);
      layOut();
    },
    head: (value) => {
      state.head = value === "mean" ? value : Number(value);
      layOut();
    },
    compare: (value) => {
      state.other = Number(value);
      layOut();
    },
    view: (value) => {
      state.overview = value === "overview";
      pointing.reset();
      layOut();
    },
  };

  const say = {
    token: (a, i) => tokenText("token_label", a, state.index, i),
    heat: (a, e, i) => tokenText("heat_cell", a, e, i),
    attention: (map, query, key) => {
      if (!map.values) return t("unknown");
      const value = map.values[query * maps.layout.n + key];
      const sign = !map.difference ? "" : value < 0 ? "−" : "+";
      const words = { query: maps.full[query], key: maps.full[key] };
      return t("attention_cell", { ...words, value: sign + number(Math.abs(value)) });
    },
  };
  const now = {
    get model() { return model; },
    get heat() { return heat; },
    get maps() { return maps; },
  };
  const on = (node, type, listener) => node.addEventListener(type, listener, { signal: gone.signal });

  const pointing = attachPointing(v, on, now, say, hold);
  on(root, "click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button && !button.disabled) actions[button.dataset.do](button.dataset.value);
  });
  on(v.range, "input", () => hold(v.range.valueAsNumber));
  on(root, "keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented || !model?.epochs.length) return;
    const chip = event.target.closest(".mp-token");
    const steps = { ArrowLeft: "previous", ArrowRight: "next", Home: "first", End: "last" };
    if (steps[event.key]) actions[steps[event.key]]();
    else if (event.key === " " && event.target.tagName !== "BUTTON") actions.play();
    else if (chip && event.key === "ArrowUp") pointing.moveFocus(chip, -1);
    else if (chip && event.key === "ArrowDown") pointing.moveFocus(chip, 1);
    else if (event.key === "Escape" && !v.tip.hidden) pointing.reset();
    else return;
    event.preventDefault();
  });

  // ---- size and fonts ------------------------------------------------------------------------------------------

  let width = 0;
  const resized = new ResizeObserver(() => {
    // Height follows from what is drawn; reacting to it would chase its own tail.
    if (root.clientWidth === width) return;
    width = root.clientWidth;
    requestAnimationFrame(layOut);
  });
  resized.observe(root);
  // Labels measured before the page's fonts arrived are measured again.
  on(document.fonts, "loadingdone", () => layOut());

  function destroy() {
    clearTimeout(timer);
    state.playing = false;
    resized.disconnect();
    gone.abort();
  }

  return { root, receive, destroy };
}
