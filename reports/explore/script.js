"use strict";
// Reads the packed content (scripts/ricci_flow/explore), draws the points on a canvas, and shows the numbers of
// the tables. Nothing is computed here but eta, the difference of two geodesic masses.

const $ = (id) => document.getElementById(id);
const TYPES = { uint8: Uint8Array, int16: Int16Array };
// Those of the figures (scripts/ricci_flow/figures/style.py): readers with any colour vision tell them apart.
const CLASS_COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#000000", "#7f3c8d", "#8c8c8c"];
const CIVIDIS = ["#00224e", "#123570", "#3b496c", "#575d6d", "#707173", "#8a8678", "#a59c74", "#c3b369", "#e1cc55", "#fee838"];
const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const END = "end";

let index, ensemble, points; // of the study; what was unpacked of the choice
const state = { layer: 1, colour: "class", point: "", turn: [0.5, -0.35], zoom: 1 };
let shown = null; // positions as they are drawn, which follow those of the layer
let moving = 0;

async function unpack(id) {
  const bytes = Uint8Array.from(atob($(id).textContent.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const buffer = await new Response(stream).arrayBuffer();
  const length = new DataView(buffer).getUint32(0, true);
  const facts = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  for (const [name, { type, shape, at }] of Object.entries(facts.arrays)) {
    const values = new TYPES[type](buffer, 4 + length + at, shape.reduce((a, b) => a * b, 1));
    facts.arrays[name] = { values, shape };
  }
  return facts;
}

// Text and numbers

const minus = (text) => text.replace("-", "−");

function number(value, digits = 4) {
  if (value === null || value === undefined) return "none";
  if (Number.isInteger(value)) return minus(value.toLocaleString("en-US"));
  const large = Math.abs(value) >= 10 ** digits;
  return minus(value.toLocaleString("en-US", large ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: digits }));
}

const short = (value) => minus(value.toLocaleString("en-US", { notation: "compact", maximumSignificantDigits: Math.abs(value) < 10 ? 2 : 4 }));
const probability = (p) => (p < 0.0001 ? "p < 0.0001" : `p = ${Number(p.toPrecision(2))}`);

function element(name, attributes = {}, text = "") {
  const svg = ["svg", "path", "circle", "line", "text"].includes(name);
  const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

function options(id, entries, chosen) {
  $(id).replaceChildren(...entries.map(([value, text]) => element("option", { value }, text)));
  const found = entries.find(([value]) => `${value}` === `${chosen}`) || entries[0];
  $(id).value = found[0];
  return found[0];
}

// The choice

const title = (kind, name) => index.titles[kind][name];
const runs = () => ensemble.runs.filter((run) => `${run.network}` === $("network").value);
const run = () => runs()[Number($("checkpoint").value)] || runs()[0];
const place = () => ensemble.runs.indexOf(run());
const kAt = () => run().k.indexOf(Number($("k").value));
const measure = () => run().measures[$("measure").value];
const values = () => (measure().value[kAt()] || Array(ensemble.layers).fill(null));
const mass = () => run().mass[kAt()];
const etas = () => mass().map((g, l) => (l + 1 < mass().length && g !== null && mass()[l + 1] !== null ? mass()[l + 1] - g : null));
const dataSet = () => index.data_sets.find((of) => of.name === $("data_set").value);
const coloured = () => $("colour").value === "curvature";

function fillNames() {
  let left = index.ensembles;
  for (const [at, kind] of ["data_set", "architecture", "condition"].entries()) {
    const names = [...new Set(left.map((of) => of.name[at]))];
    const chosen = options(kind, names.map((name) => [name, title(`${kind}s`, name)]), state[kind]);
    left = left.filter((of) => of.name[at] === chosen);
  }
  return index.ensembles.indexOf(left[0]);
}

let asked = 0;

async function choose() {
  document.documentElement.dataset.ready = "no";
  const which = fillNames();
  const turn = ++asked;
  const [found, data] = await Promise.all([unpack(`ensemble_${which}`), unpack(`data_${index.data_sets.indexOf(dataSet())}`)]);
  if (turn !== asked) return; // another one was chosen meanwhile
  [ensemble, points] = [found, data];
  const networks = [...new Set(ensemble.runs.map((of) => of.network))];
  options("network", networks.map((name) => [name, name]), state.network);
  $("layer").max = ensemble.layers;
  const colours = points.arrays.classes ? [["class", "class"]] : [["none", "one colour"]];
  if (ensemble.runs.some((_, at) => ensemble.arrays[`curvature_${at}`])) colours.push(["curvature", "local curvature"]);
  options("colour", colours, state.colour);
  const names = points.rows.map((row, at) => [at, `${row}${points.arrays.classes ? `, ${className(at)}` : ""}`]);
  options("point", [["", "none"], ...names], state.point);
  fillCheckpoints();
  document.documentElement.dataset.ready = "yes";
}

function fillCheckpoints() {
  const several = runs().length > 1;
  for (const part of document.querySelectorAll(".checkpoints")) part.hidden = !several;
  $("checkpoint").max = runs().length - 1;
  const wanted = runs().findIndex((of) => `${of.checkpoint ?? END}` === `${state.checkpoint ?? END}`);
  $("checkpoint").value = wanted < 0 ? runs().length - 1 : wanted;
  fillNumbers();
}

function fillNumbers() {
  const ks = run().k;
  const wanted = Number(state.k ?? usualK());
  const nearest = ks.reduce((best, k) => (Math.abs(k - wanted) < Math.abs(best - wanted) ? k : best));
  options("k", ks.map((k) => [k, k]), nearest);
  const names = Object.keys(run().measures);
  options("measure", names.map((name) => [name, name]), state.measure ?? index.primary_measure);
  update();
}

/** The k at which the network has a coefficient and that is nearest to a tenth of the points. */
function usualK() {
  const { rho } = run().measures[index.primary_measure] ?? Object.values(run().measures)[0];
  const defined = run().k.filter((_, at) => rho[at] !== null);
  const tenth = dataSet().n / 10;
  return (defined.length ? defined : run().k).reduce((best, k) => (Math.abs(k - tenth) < Math.abs(best - tenth) ? k : best));
}

const className = (at) => {
  const label = points.arrays.classes.values[at];
  return `class ${dataSet().classes[label]}`;
};

function update() {
  state.layer = Math.min(Math.max(1, Number(state.layer)), ensemble.layers);
  $("layer").value = state.layer;
  $("layer_number").value = `${state.layer} of ${ensemble.layers}`;
  $("layer").setAttribute("aria-valuetext", $("layer_number").value);
  const at = run().checkpoint;
  $("checkpoint_number").value = at === null ? END : at;
  $("checkpoint").setAttribute("aria-valuetext", at === null ? "the end of the training" : `${at} ${index.checkpoint_unit}`);
  showAbout();
  showNumbers();
  showLegend();
  showPoint();
  showCharts();
  move();
  remember();
}

// The address keeps the choice, so that a view can be sent to somebody.

const KEPT = ["data_set", "architecture", "condition", "network", "k", "measure", "colour", "point"];

function remember() {
  const kept = KEPT.map((name) => [name, $(name).value]);
  kept.push(["layer", state.layer], ["checkpoint", run().checkpoint ?? END]);
  try {
    history.replaceState(null, "", `#${new URLSearchParams(kept)}`);
  } catch {
    // Not everywhere allowed for a file; the page does without.
  }
}

function recallState() {
  for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
    if (KEPT.includes(name) || ["layer", "checkpoint"].includes(name)) state[name] = value;
  }
  state.layer = Number(state.layer) || 1;
}

// Words beside the picture

function showAbout() {
  const here = run();
  const share = here.shares[state.layer - 1];
  const of = index.ensembles.find((e) => e.name.join() === [$("data_set").value, $("architecture").value, $("condition").value].join());
  const accuracy = here.accuracy === null ? "accuracy not known" : `test accuracy ${Number((100 * here.accuracy).toFixed(1))} %`;
  const kept = here.kept === false ? "; not above the accuracy threshold, so it does not count" : "";
  $("about").textContent = `${dataSet().title}: ${number(dataSet().shown)} of ${number(dataSet().n)} test points. Network ${here.network} (of ${of.networks}, counted from 0): ${accuracy}${kept}. The picture holds ${Number((100 * share).toFixed(1))} % of the variance of the layer.`;
}

function showNumbers() {
  const at = state.layer - 1;
  const [value, g, eta] = [values()[at], mass()[at], etas()[at]];
  const [rho, p, method, reason] = ["rho", "p", "p_method", "reason"].map((key) => measure()[key][kAt()]);
  const last = at + 1 === ensemble.layers;
  const exact = p === null || p === undefined ? "" : `, ${probability(p)} (${method})`;
  const rows = [
    ["curvature", "Curvature", value, value === null ? "none" : number(value)],
    ["mass", "Geodesic mass", g, g === null ? "none: the graph is not connected" : number(g)],
    ["eta", "η", eta, eta === null ? (last ? "none: the last layer" : "none: a graph is not connected") : number(eta)],
    ["rho", "ρ of the network", rho, rho === null || rho === undefined ? `none: ${reason ?? "undefined"}` : `${number(rho, 3)}${exact}`],
  ];
  $("numbers").replaceChildren(
    ...rows.flatMap(([id, name, raw, text]) => [
      element("dt", {}, name),
      element("dd", { id: `number_${id}`, "data-value": raw ?? "", "data-p": id === "rho" ? (p ?? "") : "" }, text),
    ]),
  );
}

// Colours and shapes of points

const dark = matchMedia("(prefers-color-scheme: dark)");
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function classColour(label) {
  const colour = CLASS_COLOURS[label % CLASS_COLOURS.length];
  return dark.matches && colour === "#000000" ? "#ffffff" : colour;
}

function curvatureAt(at) {
  const { values: all, shape } = ensemble.arrays[`curvature_${place()}`];
  const step = all[(kAt() * shape[1] + state.layer - 1) * shape[2] + at];
  if (step === 255) return null;
  const [low, high] = ensemble.scales[$("k").value];
  return low + ((high - low) * step) / 254;
}

function pointColour(at) {
  if (!coloured()) return points.arrays.classes ? classColour(points.arrays.classes.values[at]) : css("--accent");
  const value = curvatureAt(at);
  const [, , first, last] = ensemble.scales[$("k").value];
  if (value === null) return css("--rule");
  const share = last > first ? (value - first) / (last - first) : 0;
  return CIVIDIS[Math.round(Math.min(1, Math.max(0, share)) * (CIVIDIS.length - 1))];
}

// A class has a shape, too, so that it is told apart in grey.
const SHAPES = [
  (c, x, y, r) => c.arc(x, y, r, 0, 7),
  (c, x, y, r) => polygon(c, x, y, r * 1.25, 4, Math.PI / 4),
  (c, x, y, r) => polygon(c, x, y, r * 1.35, 3, -Math.PI / 2),
  (c, x, y, r) => polygon(c, x, y, r * 1.25, 4, 0),
];

function polygon(c, x, y, r, corners, from) {
  for (let i = 0; i < corners; i++) {
    const angle = from + (i * 2 * Math.PI) / corners;
    c.lineTo(x + r * Math.cos(angle), y + r * Math.sin(angle));
  }
  c.closePath();
}

const shapeOf = (label) => SHAPES[label % SHAPES.length];
const PATHS = ["M7 2a5 5 0 1 0 .01 0z", "M2.5 2.5h9v9h-9z", "M7 1l6 10.5h-12z", "M7 .5l6.5 6.5-6.5 6.5-6.5-6.5z"];

function showLegend() {
  const parts = [];
  if (points.arrays.classes) {
    const list = element("ul");
    for (const [label, name] of dataSet().classes.entries()) {
      const item = element("li");
      const mark = element("svg", { width: 14, height: 14, viewBox: "0 0 14 14", "aria-hidden": "true" });
      mark.append(element("path", { d: PATHS[label % PATHS.length], fill: coloured() ? css("--muted") : classColour(label) }));
      item.append(mark, `class ${name}`);
      list.append(item);
    }
    parts.push(list);
  }
  if (coloured()) {
    const [low, high, first, last] = ensemble.scales[$("k").value];
    parts.push(element("div", {}, `Curvature at a point (${index.primary_measure}, k = ${$("k").value})`));
    const bar = element("span", { class: "bar" });
    bar.style.background = `linear-gradient(to right, ${CIVIDIS.join(", ")})`;
    const ends = element("span", { class: "ends" });
    ends.append(element("span", {}, `${first > low ? "≤ " : ""}${number(first, 3)}`), element("span", {}, `${last < high ? "≥ " : ""}${number(last, 3)}`));
    parts.push(bar, ends);
  }
  $("legend").replaceChildren(...parts);
}

function showPoint() {
  const at = $("point").value === "" ? null : Number($("point").value);
  $("picture").hidden = at === null || !points.arrays.pictures;
  if (at === null) {
    $("point_text").textContent = "Point at a dot, or choose a point, to see what it is.";
    return;
  }
  const words = [`Point ${points.rows[at]}`];
  if (points.arrays.classes) words.push(className(at));
  if (ensemble.arrays[`curvature_${place()}`]) words.push(`${index.primary_measure} about ${number(curvatureAt(at), 3)}`);
  $("point_text").textContent = words.join(", ");
  if (!points.arrays.pictures) return;
  const { values: all, shape } = points.arrays.pictures;
  const [, rows, columns] = shape;
  const picture = $("picture");
  [picture.width, picture.height] = [columns, rows];
  picture.setAttribute("aria-label", `picture of point ${points.rows[at]}`);
  const drawn = picture.getContext("2d").createImageData(columns, rows);
  for (let i = 0; i < rows * columns; i++) {
    const grey = 255 - all[at * rows * columns + i];
    drawn.data.set([grey, grey, grey, 255], 4 * i);
  }
  picture.getContext("2d").putImageData(drawn, 0, 0);
}

// The cloud

function positionsOf(layer) {
  const { values: all, shape } = ensemble.arrays[`positions_${place()}`];
  const size = shape[1] * 3;
  const scale = run().largest / 32767;
  return Float32Array.from(all.subarray((layer - 1) * size, layer * size), (value) => value * scale);
}

/** Move the points to where they are at this layer, within a third of a second. */
function move() {
  const target = positionsOf(state.layer);
  const from = shown && shown.length === target.length && !STILL.matches ? shown : target;
  cancelAnimationFrame(moving);
  const begun = performance.now();
  const step = (now) => {
    const share = Math.min(1, Math.max(0, (now - begun) / 350));
    const eased = from === target ? 1 : share * share * (3 - 2 * share);
    shown = target.map((value, i) => from[i] + (value - from[i]) * eased);
    draw();
    if (eased < 1) moving = requestAnimationFrame(step);
  };
  step(begun);
}

/** Size of the cloud: the radius that holds nearly all points of all layers of the network. */
function radius() {
  const here = run();
  if (here.radius) return here.radius;
  const found = [];
  for (let layer = 1; layer <= ensemble.layers; layer++) {
    const xyz = positionsOf(layer);
    for (let i = 0; i < xyz.length; i += 3) found.push(Math.hypot(xyz[i], xyz[i + 1], xyz[i + 2]));
  }
  found.sort((a, b) => a - b);
  here.radius = found[Math.floor(0.98 * (found.length - 1))] || 1;
  return here.radius;
}

let drawnAt = []; // [x, y] of every point on the canvas

function projected() {
  const canvas = $("cloud");
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const scale = (0.48 * Math.min(width, height) * state.zoom) / radius();
  const [cy, sy, cx, sx] = [Math.cos(state.turn[0]), Math.sin(state.turn[0]), Math.cos(state.turn[1]), Math.sin(state.turn[1])];
  return (x, y, z) => {
    const [a, c] = [cy * x + sy * z, cy * z - sy * x];
    const [b, depth] = [cx * y - sx * c, sx * y + cx * c];
    return [width / 2 + a * scale, height / 2 - b * scale, depth / radius()];
  };
}

function draw() {
  const canvas = $("cloud");
  const ratio = devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
  if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
  const c = canvas.getContext("2d");
  c.setTransform(ratio, 0, 0, ratio, 0, 0);
  c.clearRect(0, 0, width, height);
  const project = projected();
  drawAxes(c, project);
  drawnAt = [];
  for (let i = 0; i < shown.length; i += 3) drawnAt.push(project(shown[i], shown[i + 1], shown[i + 2]));
  const order = drawnAt.map((_, at) => at).sort((a, b) => drawnAt[a][2] - drawnAt[b][2]);
  c.strokeStyle = css("--ring");
  c.lineWidth = 0.6;
  for (const at of order) {
    const [x, y, depth] = drawnAt[at];
    const near = Math.min(1, Math.max(0, (depth + 1) / 2));
    c.globalAlpha = 0.55 + 0.45 * near;
    c.fillStyle = pointColour(at);
    c.beginPath();
    shapeOf(points.arrays.classes ? points.arrays.classes.values[at] : 0)(c, x, y, 2.6 + 1.6 * near);
    c.fill();
    c.stroke();
  }
  c.globalAlpha = 1;
  if ($("point").value !== "") {
    const [x, y] = drawnAt[Number($("point").value)];
    c.strokeStyle = css("--ink");
    c.lineWidth = 2;
    c.beginPath();
    c.arc(x, y, 9, 0, 7);
    c.stroke();
  }
  canvas.setAttribute("aria-label", `${drawnAt.length} test points in layer ${state.layer} of ${ensemble.layers}, in three dimensions`);
}

function drawAxes(c, project) {
  const r = radius();
  c.strokeStyle = css("--rule");
  c.lineWidth = 1;
  for (const end of [[r, 0, 0], [0, r, 0], [0, 0, r]]) {
    const [from, to] = [project(...end.map((v) => -v)), project(...end)];
    c.beginPath();
    c.moveTo(from[0], from[1]);
    c.lineTo(to[0], to[1]);
    c.stroke();
  }
}

// Small charts

function chart(name, xs, ys, now, xTitle, pick) {
  const [width, height, left, right, top, bottom] = [300, 150, 60, 10, 8, 30];
  const known = ys.filter((y) => y !== null);
  const figure = element("figure");
  const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, role: "img" });
  figure.append(element("figcaption", {}, name), svg);
  const told = xs.map((x, i) => `${x}: ${ys[i] === null ? "none" : number(ys[i])}`).join("; ");
  svg.setAttribute("aria-label", `${name} by ${xTitle}. ${told}`);
  const [low, high] = known.length ? [Math.min(...known), Math.max(...known)] : [0, 1];
  const X = (i) => left + 8 + ((width - left - right - 8) * i) / Math.max(1, xs.length - 1);
  const Y = (y) => (high > low ? top + ((height - top - bottom) * (high - y)) / (high - low) : (height - bottom + top) / 2);
  svg.append(element("line", { class: "axis", x1: left, x2: width - right, y1: height - bottom + 6, y2: height - bottom + 6 }));
  if (low < 0 && high > 0) svg.append(element("line", { class: "axis", x1: left, x2: width - right, y1: Y(0), y2: Y(0) }));
  for (const y of known.length ? new Set([low, high]) : []) {
    svg.append(element("text", { x: left - 6, y: Y(y) + 4, "text-anchor": "end" }, short(y)));
  }
  const every = Math.ceil(xs.length / 9);
  for (const [i, x] of xs.entries()) {
    if (i % every === 0) svg.append(element("text", { x: X(i), y: height - bottom + 19, "text-anchor": "middle" }, x));
  }
  svg.append(element("text", { x: width - right, y: height - 1, "text-anchor": "end" }, xTitle));
  if (!known.length) svg.append(element("text", { x: left + 8, y: height / 2 }, "none: not connected, or not defined"));
  let path = "";
  ys.forEach((y, i) => (path += y === null ? "" : `${i && ys[i - 1] !== null ? "L" : "M"}${X(i)} ${Y(y)}`));
  svg.append(element("path", { class: "line", d: path }));
  ys.forEach((y, i) => y !== null && svg.append(element("circle", { class: i === now ? "now" : "dot", cx: X(i), cy: Y(y), r: i === now ? 5 : 2.5 })));
  svg.addEventListener("click", (event) => {
    const box = svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) * width) / box.width;
    pick(Math.min(xs.length - 1, Math.max(0, Math.round(((x - left) / (width - left - right)) * (xs.length - 1)))));
  });
  return figure;
}

function showCharts() {
  const layers = [...Array(ensemble.layers).keys()].map((l) => l + 1);
  const now = state.layer - 1;
  const toLayer = (i) => ((state.layer = i + 1), update());
  const toK = (i) => (($("k").value = run().k[i]), (state.k = run().k[i]), update());
  const rho = measure().rho.map((value) => value ?? null);
  $("charts").replaceChildren(
    chart(`Curvature (${$("measure").value})`, layers, values(), now, "layer", toLayer),
    chart("Geodesic mass", layers, mass(), now, "layer", toLayer),
    chart("η, its change to the next layer", layers, etas(), now, "layer", toLayer),
    chart("ρ of the network", run().k, rho, kAt(), "k", toK),
  );
}

// What was left out, and how the picture is made

function showRules() {
  const most = index.most;
  const fewer = index.data_sets.filter((of) => of.shown < of.n).length;
  const lines = [
    `Networks: the first ${most.networks === 1 ? "one" : most.networks} of every ensemble (data set, architecture and condition). Points: at most ${most.points} of a data set, evenly spaced within its classes${fewer ? "" : "; here that is all of them"}. These limits keep the page small. Curvature, geodesic mass, η and ρ are those of the study's tables, of all test points.`,
    "Positions: the first three principal components of a layer. Components have no fixed sign or order, so each layer is turned or mirrored to lie as near as it can to the layer before (orthogonal Procrustes). Each layer is scaled to the same spread. So directions and sizes mean nothing; what is near to what does.",
    "Dots move in straight lines between layers. Only where they stop is data.",
    index.no_colours
      ? `There are no colours of local curvature for ${index.primary_measure}: ${index.no_colours}.`
      : `Local curvature: the mean of ${index.primary_measure} over the edges at a point, in the graph of all test points. Colours have one scale for all layers and networks of an ensemble at this k; the outermost 2 % on either side have the last colour.`,
    "η is the geodesic mass of the next layer less that of this one. ρ is the correlation of curvature and η over the layers; p is the share of all pairings of the two that give a ρ as low.",
  ];
  if (index.ensembles.every((of) => of.runs.every((one) => one[1] === null))) {
    lines.push("Checkpoints: none. A block of the key further with checkpoints adds a slider for the training.");
  } else {
    lines.push("At a checkpoint, k and the measures are those of the study's blocks with checkpoints. Networks that had stopped before a checkpoint are not shown there.");
  }
  const unlabelled = index.data_sets.filter((of) => !of.classes).map((of) => of.title);
  if (unlabelled.length) lines.push(`Without classes, as no labels are known: ${unlabelled.join(", ")}.`);
  if (!index.data_sets.some((of) => of.picture)) lines.push("Pictures of points: none, as no data set here holds images.");
  $("rules").replaceChildren(...lines.map((line) => element("li", {}, line)));
}

// Controls

let playing = 0;

function play(on) {
  clearInterval(playing);
  playing = 0;
  $("play").setAttribute("aria-pressed", on);
  $("play").textContent = on ? "Stop" : "Play";
  if (!on) return;
  if (state.layer >= ensemble.layers) state.layer = 0;
  const next = () => {
    state.layer += 1;
    update();
    if (state.layer >= ensemble.layers) play(false);
  };
  next();
  if (state.layer < ensemble.layers) playing = setInterval(next, 900);
}

function nearestPoint(event) {
  const box = $("cloud").getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top];
  let [best, distance] = [null, 14];
  drawnAt.forEach(([px, py, depth], at) => {
    const d = Math.hypot(px - x, py - y) - depth;
    if (d < distance) [best, distance] = [at, d];
  });
  return best;
}

function name(at) {
  if (at === null || `${at}` === $("point").value) return;
  $("point").value = at;
  state.point = `${at}`;
  showPoint();
  draw();
  remember();
}

function listen() {
  const again = { data_set: choose, architecture: choose, condition: choose, network: fillCheckpoints, k: update, measure: update, colour: update, point: update };
  for (const [id, then] of Object.entries(again)) {
    $(id).addEventListener("change", () => {
      state[id] = $(id).value;
      if (id === "data_set") state.point = "";
      then();
    });
  }
  $("layer").addEventListener("input", () => {
    play(false);
    state.layer = Number($("layer").value);
    update();
  });
  $("checkpoint").addEventListener("input", () => {
    state.checkpoint = run().checkpoint ?? END;
    fillNumbers();
  });
  $("play").addEventListener("click", () => play(!playing));
  $("choices").addEventListener("submit", (event) => event.preventDefault());
  const canvas = $("cloud");
  let held = null;
  canvas.addEventListener("pointerdown", (event) => {
    held = [event.clientX, event.clientY];
    canvas.setPointerCapture(event.pointerId);
    name(nearestPoint(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!held) return name(nearestPoint(event));
    turn((event.clientX - held[0]) / 150, (event.clientY - held[1]) / 150);
    held = [event.clientX, event.clientY];
  });
  for (const kind of ["pointerup", "pointercancel"]) canvas.addEventListener(kind, () => (held = null));
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(-event.deltaY / 500));
  }, { passive: false });
  const keys = {
    ArrowLeft: () => turn(-0.15, 0), ArrowRight: () => turn(0.15, 0), ArrowUp: () => turn(0, -0.15), ArrowDown: () => turn(0, 0.15),
    "+": () => zoom(1.2), "=": () => zoom(1.2), "-": () => zoom(1 / 1.2),
    0: () => ([state.turn, state.zoom] = [[0.5, -0.35], 1], draw()),
  };
  canvas.addEventListener("keydown", (event) => {
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    keys[event.key]();
  });
  new ResizeObserver(() => shown && draw()).observe(canvas);
  dark.addEventListener("change", () => (showLegend(), draw()));
}

function turn(sideways, upwards) {
  state.turn = [state.turn[0] + sideways, Math.min(1.5, Math.max(-1.5, state.turn[1] + upwards))];
  draw();
}

function zoom(factor) {
  state.zoom = Math.min(20, Math.max(0.2, state.zoom * factor));
  draw();
}

async function begin() {
  if (!("DecompressionStream" in window)) {
    const old = element("p", { class: "note" }, "This browser is too old for this page: it cannot unpack its data. The report shows the results without it.");
    document.querySelector("header").append(old);
    return;
  }
  index = await unpack("index");
  document.querySelector("main").hidden = false;
  recallState();
  listen();
  showRules();
  await choose();
}

begin();
