// Line charts in the colours of the page: lines, a legend, and the values under the pointer.
import { fill, h, s, t } from "/static/dom.js";
import { isShare, number, title } from "/static/format.js";

const narrow = matchMedia("(max-width: 46rem)");  // where 560 units were too small
const RIGHT = 12, TOP = 10, BOTTOM = 36, COLORS = 8;
const sizes = () => narrow.matches ? { width: 350, height: 210, begin: 52, most: 5 }
  : { width: 560, height: 250, begin: 60, most: 7 };  // most: values on the axis below
const redraws = new WeakMap();  // of charts, when the page becomes narrow or wide
narrow.addEventListener("change", () => {
  for (const each of document.querySelectorAll("figure.chart")) redraws.get(each)?.();
});

/** Round values from low to high, at most about so many. */
export function ticks(low, high, most = 5) {
  const span = (high - low) / most, power = 10 ** Math.floor(Math.log10(span));
  const step = power * ([1, 2, 5, 10].find(k => span <= k * power * 1.0001) ?? 10);
  const values = [];
  for (let value = Math.ceil(low / step - 1e-9) * step; value <= high + step * 1e-9; value += step)
    values.push(Math.abs(value) < step * 1e-9 ? 0 : value);
  return values;
}

/** The lowest and the highest of values, apart even where they are one. */
function ends(values, isBounded) {
  let low = Math.min(...values), high = Math.max(...values);
  const room = high - low < 1e-9 ? Math.abs(high) * 0.05 || 0.05 : (high - low) * 0.05;
  low -= room;
  high += room;
  return isBounded ? [Math.max(0, low), Math.min(1, high)] : [low, high];
}

function spanOf(values, last) {
  const left = Math.min(...values), right = Math.max(...values, last ?? -Infinity);
  return right - left < 1e-9 ? [left - 0.5, right + 0.5] : [left, right];
}

/** Where a point of a chart lies. */
function scales(lines, isPercent, last) {
  const { width, height, begin, most } = sizes();
  const points = lines.flatMap(line => line.points);
  const [left, right] = spanOf(points.map(p => p[0]), last);
  const [low, high] = ends(points.map(p => p[1]), isPercent);
  return {
    width, height, begin, most, left, right, low, high,
    x: value => begin + (value - left) / (right - left) * (width - begin - RIGHT),
    y: value => height - BOTTOM - (value - low) / (high - low) * (height - TOP - BOTTOM),
    at: x => left + (x * width - begin) / (width - begin - RIGHT) * (right - left),
  };
}

/** Significant digits by which values in a row can be told apart, at least four. */
function digitsOf(values) {
  if (values.length < 2) return 4;
  const most = Math.max(...values.map(Math.abs));
  return Math.max(4, 1 + Math.ceil(Math.log10(most / (values[1] - values[0]))));
}

function axes(scale, shown, label) {
  const { width, height, begin } = scale, end = width - RIGHT;
  const values = ticks(scale.low, scale.high), digits = digitsOf(values);
  const rows = values.map(value => [
    s("line", { class: "grid", x1: begin, x2: end, y1: scale.y(value), y2: scale.y(value) }),
    s("text", { x: begin - 8, y: scale.y(value) + 4, "text-anchor": "end" }, shown(value, digits))]);
  const below = ticks(scale.left, scale.right, scale.most).filter(Number.isInteger).map(value =>
    s("text", { x: scale.x(value), y: height - BOTTOM + 17, "text-anchor": "middle" },
      String(value)));
  const middle = { x: (begin + end) / 2, y: height - 3, "text-anchor": "middle" };
  return [...rows, below, s("text", middle, label)];
}

function curve(line, i, scale) {
  const color = `c${i % COLORS}`, few = line.points.length <= 40;
  const places = line.points.map(p => `${scale.x(p[0]).toFixed(1)},${scale.y(p[1]).toFixed(1)}`);
  const radius = line.points.length === 1 ? 4 : 2.6;
  return [s("polyline", { class: `line ${color}`, points: places.join(" ") }),
    (few ? line.points : line.points.slice(-1)).map(p =>
      s("circle", { class: `dot ${color}`, cx: scale.x(p[0]), cy: scale.y(p[1]), r: radius }))];
}

/** lines: [{label, points: [[x, y], ...]}]. isPercent: values are shown in percent. */
export function chart(name, lines, { isPercent = false, label = t("epoch"), last = null } = {}) {
  lines = lines.map(line => ({ ...line,
    points: line.points.filter(p => p.every(Number.isFinite)) }))
    .filter(line => line.points.length);
  const caption = h("figcaption", {}, name);
  if (!lines.length) {
    const nothing = h("p", { class: "quiet" }, t("Nothing was recorded yet."));
    return h("figure", { class: "chart" }, caption, nothing);
  }
  const figure = h("figure", { class: "chart" });
  const draw = () => fill(figure, caption, drawn(name, lines, { isPercent, label, last }));
  redraws.set(figure, draw);
  draw();
  return figure;
}

/** The drawing, in the size that the page has room for, and its legend. */
function drawn(name, lines, { isPercent, label, last }) {
  const scale = scales(lines, isPercent, last);
  const rounded = (value, digits = 4) => number(Number(value.toPrecision(digits)), digits);
  const shown = (value, digits) => isPercent ? `${rounded(100 * value, digits)} %`
    : rounded(value, digits);
  const cursor = s("line", { class: "cursor", y1: TOP, y2: scale.height - BOTTOM, visibility: "hidden" });
  const spoken = lines.map(line => `${line.label} ${shown(line.points.at(-1)[1])}`).join(", ");
  const drawing = s("svg", { viewBox: `0 0 ${scale.width} ${scale.height}`, role: "img",
    "aria-label": `${name}: ${spoken}` }, axes(scale, shown, label),
    lines.map((line, i) => curve(line, i, scale)), cursor);
  const values = lines.map(() => h("span", { class: "value" }));
  const legend = h("div", { class: "legend" }, lines.map((line, i) =>
    h("span", {}, h("i", { class: `c${i % COLORS}` }), line.label, " ", values[i])));
  follow(drawing, cursor, scale, place => lines.forEach((line, i) => {
    const nearer = (a, b) => Math.abs(b[0] - place) < Math.abs(a[0] - place) ? b : a;
    values[i].textContent = shown(line.points.reduce(nearer)[1]);
  }));
  return [drawing, legend];
}

/** The cursor follows the pointer; tell: called with the place on the axis below. */
function follow(drawing, cursor, scale, tell) {
  drawing.addEventListener("pointermove", event => {
    const box = drawing.getBoundingClientRect();
    const place = scale.at((event.clientX - box.left) / box.width);
    const whole = Math.round(Math.max(scale.left, Math.min(scale.right, place)));
    for (const end of ["x1", "x2"]) cursor.setAttribute(end, scale.x(whole));
    cursor.setAttribute("visibility", "visible");
    tell(whole);
  });
  drawing.addEventListener("pointerleave", () => {
    cursor.setAttribute("visibility", "hidden");
    tell(scale.right);
  });
  tell(scale.right);
}

/** Names of the metrics in lines of metrics.jsonl, without their split: loss, accuracy, ... */
export function metricNames(runs) {
  const names = new Map();
  for (const { lines } of runs) for (const line of lines) for (const key of Object.keys(line)) {
    const [split, ...rest] = key.split("/"), name = rest.join("/");
    if (!rest.length || /_(low|high)$/.test(name) || typeof line[key] !== "number") continue;
    if (!names.has(name)) names.set(name, new Set());
    names.get(name).add(split);
  }
  return names;
}

export const points = (lines, key) =>
  lines.filter(line => typeof line[key] === "number").map(line => [line.epoch, line[key]]);

export const splitName = split => ({ train: t("training"), valid: t("validation") })[split]
  ?? split;

/** The charts of one run: one for each metric, training and validation in it. */
export function runCharts(run, most = 6) {
  return [...metricNames([run])].slice(0, most).map(([name, splits]) => chart(title(name),
    [...splits].map(split => ({
      label: splitName(split), points: points(run.lines, `${split}/${name}`),
    })), { isPercent: isShare(name), last: run.planned }));
}
