"""The script of a map in the browser: thumbnails at their places, moved, zoomed and coloured."""

STYLE = """<style>
body { max-width: none } section h2 { margin-top: 1rem }
#map-canvas { width: 100%; height: min(82vh, 60rem, 110vw); border: 1px solid var(--line);
  border-radius: .3rem; touch-action: none; cursor: grab; display: block; background: var(--bg) }
#map-canvas:active { cursor: grabbing }
#map-legend { display: flex; flex-wrap: wrap; gap: .1rem .2rem; margin: .5rem 0 }
#map-legend button, #map-by button { font: 600 .9rem system-ui, sans-serif; background: none;
  border: 0; color: inherit; padding: .2rem .45rem; cursor: pointer }
#map-legend button { color: color-mix(in srgb, var(--group) 70%, black) }
@media (prefers-color-scheme: dark) {
  #map-legend button { color: color-mix(in srgb, var(--group) 60%, white) } }
#map-by button[aria-pressed=true] { text-decoration: underline }
#map-note { min-height: 1.5em; overflow-wrap: anywhere; margin: .3rem 0 }
#map-list { width: 100%; font: inherit; color: inherit; background: var(--bg);
  border: 1px solid var(--line); border-radius: .3rem }
/* In a frame of the studio, which has named it, the map comes first and fills the frame */
.framed body { display: flex; flex-direction: column; padding: .6rem .8rem 1rem }
.framed header { order: 1 } .framed :is(header :is(.job, h1, nav), section h2) { display: none }
.framed section { display: flex; flex-direction: column } .framed section > * { flex: none }
.framed section .about { order: 1 } .framed .lead p { font-size: 1rem; color: var(--muted) }
.framed #map-canvas { height: max(16rem, 100vh - 10.5rem) }
</style>"""

SCRIPT = """
(() => {
  if (window !== window.parent) document.documentElement.classList.add("framed");
  const data = JSON.parse(document.getElementById("map-data").textContent);
  const canvas = document.getElementById("map-canvas"), pen = canvas.getContext("2d");
  const legend = document.getElementById("map-legend"), by = document.getElementById("map-by");
  const note = document.getElementById("map-note"), atlas = new Image();
  const names = document.getElementById("map-names"), list = document.getElementById("map-list");
  const hidden = new Set(), fingers = new Map(), MOST_NAMED = 300;
  let groups = data.by[data.first], zoom = 1, panX = 0, panY = 0, queued = false, under = -1;

  const box = () => canvas.getBoundingClientRect();
  const ends = values => values.reduce(([low, high], value) =>
    [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
  const [left, right] = ends(data.x), [bottom, top] = ends(data.y);
  const middle = [(left + right) / 2, (bottom + top) / 2];
  // What is zoomed is the span of the middles of the tiles; a tile has room at either edge.
  const scale = size => zoom * Math.min(
    (size.width - 1.5 * first(size)) / Math.max(1e-6, right - left),
    (size.height - 1.5 * first(size)) / Math.max(1e-6, top - bottom));
  const free = size => Math.sqrt(0.5 * size.width * size.height / data.x.length);
  const first = size => Math.max(10, Math.min(data.tile, free(size)));
  const side = size =>
    Math.max(10, Math.min(data.tile * 2, Math.min(data.tile, free(size)) * Math.sqrt(zoom)));
  const place = (i, size) => [size.width / 2 + panX + scale(size) * (data.x[i] - middle[0]),
                              size.height / 2 + panY - scale(size) * (data.y[i] - middle[1])];
  const shown = i => !hidden.has(groups.number[i]);
  const tile = (i, x, y, large, frame) => {
    const t = data.tile, column = i % data.across, row = Math.floor(i / data.across);
    pen.fillStyle = groups.colours[groups.number[i]];
    pen.fillRect(x - large / 2 - frame, y - large / 2 - frame, large + 2 * frame,
                 large + 2 * frame);
    if (atlas.complete)
      pen.drawImage(atlas, column * t, row * t, t, t, x - large / 2, y - large / 2, large, large);
  };
  const draw = () => {
    queued = false;
    const ratio = window.devicePixelRatio || 1, size = box();
    const [wide, tall] = [size.width, size.height].map(side => Math.round(side * ratio));
    if (canvas.width !== wide || canvas.height !== tall)
      [canvas.width, canvas.height] = [wide, tall];
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, size.width, size.height);
    const large = side(size), frame = Math.max(1, large / 14);
    for (let i = 0; i < data.x.length; i++) {
      const [x, y] = place(i, size);
      if (shown(i) && x > -large && y > -large && x < size.width + large && y < size.height + large)
        tile(i, x, y, large, frame);
    }
    if (under >= 0 && shown(under)) tile(under, ...place(under, size), 2.6 * data.tile, 4);
    if (names.open) listInView(size);
  };
  const about = i => `${data.name[i]} (id ${data.id[i]}): `
      + Object.values(data.by).map(each => each.names[each.number[i]]).join("; ");
  // For the keyboard and for a screen reader, which have no pointer: those nearest to the middle.
  const listInView = size => {
    const found = [];
    for (let i = 0; i < data.x.length; i++) {
      const [x, y] = place(i, size);
      if (shown(i) && x >= 0 && y >= 0 && x <= size.width && y <= size.height)
        found.push([Math.hypot(x - size.width / 2, y - size.height / 2), i]);
    }
    const kept = found.sort((a, b) => a[0] - b[0]).slice(0, MOST_NAMED).map(each => each[1])
      .sort((a, b) => a - b);
    if (list.dataset.listed === String(kept)) return;
    list.dataset.listed = String(kept);
    list.replaceChildren(...kept.map(i => new Option(about(i), i)));
    list.value = String(under);
  };
  const pointAt = i => {
    under = i;
    note.textContent = i < 0 ? "" : about(i);
    redraw();
  };
  const redraw = () => { if (!queued) { queued = true; requestAnimationFrame(draw); } };
  const closer = (factor, x, y) => {
    const size = box(), before = zoom;
    zoom = Math.max(0.5, Math.min(60, zoom * factor));
    const beside = x - size.width / 2, below = y - size.height / 2, change = zoom / before;
    panX = beside - (beside - panX) * change; panY = below - (below - panY) * change;
    redraw();
  };
  const point = event => {
    const size = box();
    return [event.clientX - size.left, event.clientY - size.top];
  };
  const nearest = (x, y) => {
    const size = box(), reach = side(size) / 2 + 4;
    let best = -1;
    for (let i = 0; i < data.x.length; i++) {
      const [a, b] = place(i, size);
      if (shown(i) && Math.abs(a - x) < reach && Math.abs(b - y) < reach) best = i;
    }
    return best;
  };
  const look = event => {
    const i = nearest(...point(event));
    if (i !== under) pointAt(i);
  };
  const spread = () => {
    const [a, b] = [...fingers.values()];
    return Math.hypot(a[0] - b[0], a[1] - b[1]) || 1;
  };
  canvas.addEventListener("pointerdown", event => {
    fingers.set(event.pointerId, point(event));
    canvas.setPointerCapture(event.pointerId);
    if (event.pointerType !== "mouse") look(event);
  });
  canvas.addEventListener("pointermove", event => {
    const last = fingers.get(event.pointerId);
    if (!last) { look(event); return; }
    const before = fingers.size === 2 ? spread() : 0, now = point(event);
    fingers.set(event.pointerId, now);
    if (before) { closer(spread() / before, ...now); return; }
    panX += now[0] - last[0]; panY += now[1] - last[1];
    redraw();
  });
  for (const name of ["pointerup", "pointercancel"])
    canvas.addEventListener(name, event => fingers.delete(event.pointerId));
  canvas.addEventListener("wheel", event => {
    event.preventDefault();
    closer(Math.exp(-event.deltaY / 400), ...point(event));
  }, { passive: false });
  const reset = () => { [zoom, panX, panY] = [1, 0, 0]; redraw(); };
  canvas.addEventListener("dblclick", reset);
  canvas.addEventListener("keydown", event => {
    const size = box(), step = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60],
                                 ArrowDown: [0, -60] }[event.key];
    if (step) { event.preventDefault(); panX += step[0]; panY += step[1]; redraw(); }
    if (event.key === "+") closer(1.25, size.width / 2, size.height / 2);
    if (event.key === "-") closer(0.8, size.width / 2, size.height / 2);
    if (event.key === "0") reset();
  });
  const name = () => {
    legend.replaceChildren(...groups.names.map((text, i) => {
      const button = document.createElement("button");
      button.type = "button"; button.textContent = text; 
      button.style.setProperty("--group", groups.colours[i]);
      button.setAttribute("aria-pressed", "true");
      button.addEventListener("click", () => {
        hidden.has(i) ? hidden.delete(i) : hidden.add(i);
        button.setAttribute("aria-pressed", String(!hidden.has(i)));
        button.style.opacity = hidden.has(i) ? 0.3 : 1;
        redraw();
      });
      return button;
    }));
  };
  const ways = Object.keys(data.by);
  if (ways.length > 1) ways.forEach(way => {
    const button = document.createElement("button");
    button.type = "button"; button.textContent = `coloured by ${way}`;
    button.setAttribute("aria-pressed", String(way === data.first));
    button.addEventListener("click", () => {
      groups = data.by[way]; hidden.clear(); name(); redraw();
      for (const other of by.children)
        other.setAttribute("aria-pressed", String(other === button));
    });
    by.append(button);
  });
  names.hidden = false;
  names.addEventListener("toggle", redraw);
  list.addEventListener("change", () => pointAt(Number(list.value)));
  window.addEventListener("resize", redraw);
  atlas.addEventListener("load", redraw);
  atlas.src = document.querySelector("#map-source img").src;
  name(); draw();
})();
"""
