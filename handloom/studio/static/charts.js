// Line charts in the colours of the page: lines, a legend, and the values under the pointer.
import { h, number, percent, s, t } from "/static/dom.js";

const WIDTH = 560, HEIGHT = 260, LEFT = 58, RIGHT = 14, TOP = 12, BOTTOM = 34, COLORS = 8;

/** Round values from low to high, at most about so many. */
export function ticks(low, high, most = 5) {
  const span = (high - low) / most, power = 10 ** Math.floor(Math.log10(span));
  const step = power * ([1, 2, 5, 10].find(k => span <= k * power * 1.0001) ?? 10);
  const values = [];
  for (let value = Math.ceil(low / step - 1e-9) * step; value <= high + step * 1e-9; value += step)
    values.push(Math.abs(value) < step * 1e-9 ? 0 : value);
  return values;
}

/** lines: [{label, points: [[x, y], ...]}]. isShare: values are shown in percent. */
export function chart(title, lines, { isShare = false, xLabel = t("epoch"), xHigh = null } = {}) {
  lines = lines.map(line => ({ ...line, points: line.points.filter(p => p.every(Number.isFinite)) }))
    .filter(line => line.points.length);
  const caption = h("figcaption", {}, title);
  if (!lines.length) return h("figure", { class: "chart" }, caption, h("p", { class: "quiet" }, t("Nothing was recorded yet.")));
  const every = lines.flatMap(line => line.points), ys = every.map(p => p[1]), xs = every.map(p => p[0]);
  let low = Math.min(...ys), high = Math.max(...ys), left = Math.min(...xs), right = Math.max(...xs, xHigh ?? -Infinity);
  if (high - low < 1e-9) { low -= Math.abs(low) * 0.05 || 0.05; high += Math.abs(high) * 0.05 || 0.05; }
  else { const room = (high - low) * 0.05; low -= room; high += room; }
  if (isShare) { low = Math.max(0, low); high = Math.min(1, high); }
  if (right - left < 1e-9) { left -= 0.5; right += 0.5; }
  const x = value => LEFT + (value - left) / (right - left) * (WIDTH - LEFT - RIGHT);
  const y = value => HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM);
  const shown = value => isShare ? `${number(100 * value)} %` : number(Number(value.toPrecision(4)));
  const parts = [];
  for (const value of ticks(low, high)) parts.push(
    s("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y(value), y2: y(value) }),
    s("text", { x: LEFT - 7, y: y(value) + 4, "text-anchor": "end" }, shown(value)));
  for (const value of ticks(left, right, 7).filter(Number.isInteger)) parts.push(
    s("text", { x: x(value), y: HEIGHT - BOTTOM + 16, "text-anchor": "middle" }, String(value)));
  parts.push(s("text", { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 3, "text-anchor": "middle" }, xLabel));
  lines.forEach((line, i) => {
    parts.push(s("polyline", { class: `line c${i % COLORS}`, points: line.points.map(p => `${x(p[0]).toFixed(1)},${y(p[1]).toFixed(1)}`).join(" ") }));
    const dots = line.points.length <= 40 ? line.points : line.points.slice(-1);
    for (const p of dots) parts.push(s("circle", { class: `dot c${i % COLORS}`, cx: x(p[0]), cy: y(p[1]), r: line.points.length === 1 ? 4 : 2.6 }));
  });
  const cursor = s("line", { class: "cursor", y1: TOP, y2: HEIGHT - BOTTOM, visibility: "hidden" });
  const last = lines.map(line => `${line.label} ${shown(line.points.at(-1)[1])}`).join(", ");
  const drawing = s("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${title}: ${last}` }, parts, cursor);
  const values = lines.map(() => h("span", { class: "value" }));
  const legend = h("div", { class: "legend" }, lines.map((line, i) =>
    h("span", {}, h("i", { class: `c${i % COLORS}` }), line.label, " ", values[i])));
  const at = place => lines.forEach((line, i) => {
    const near = line.points.reduce((a, b) => Math.abs(b[0] - place) < Math.abs(a[0] - place) ? b : a);
    values[i].textContent = shown(near[1]);
  });
  at(right);
  drawing.addEventListener("pointermove", event => {
    const box = drawing.getBoundingClientRect();
    const place = left + ((event.clientX - box.left) / box.width * WIDTH - LEFT) / (WIDTH - LEFT - RIGHT) * (right - left);
    const inside = Math.round(Math.max(left, Math.min(right, place)));
    cursor.setAttribute("x1", x(inside)); cursor.setAttribute("x2", x(inside));
    cursor.setAttribute("visibility", "visible");
    at(inside);
  });
  drawing.addEventListener("pointerleave", () => { cursor.setAttribute("visibility", "hidden"); at(right); });
  return h("figure", { class: "chart" }, caption, drawing, legend);
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

export const isShare = name => /accuracy|recall|precision|f1$|share/.test(name);

/** The charts of one run: one for each metric, training and validation in it. */
export function runCharts(run, most = 6) {
  const words = { train: t("training"), valid: t("validation") };
  return [...metricNames([run])].slice(0, most).map(([name, splits]) => chart(title(name), [...splits].map(split => ({
    label: words[split] ?? split, points: points(run.lines, `${split}/${name}`),
  })), { isShare: isShare(name), xHigh: run.planned }));
}

export const title = name => name.replace(/_/g, " ");
export const points = (lines, key) => lines.filter(line => typeof line[key] === "number").map(line => [line.epoch, line[key]]);
export { percent };
