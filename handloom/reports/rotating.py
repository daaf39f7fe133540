"""The script that rotates a cloud of points in the browser; see `reports.scatter`."""

SCRIPT = """
(() => {
  const data = JSON.parse(document.getElementById("cloud-data").textContent);
  const canvas = document.getElementById("cloud"), pen = canvas.getContext("2d");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const legend = document.getElementById("cloud-legend");
  const flat = data.axes.length < 3, hidden = new Set(), fingers = new Map();
  const basis = dark.matches
      ? ["#6bb2ec", "#f5924e", "#63cf6d", "#f4716b", "#b893ee", "#c99a8c", "#f08cc4", "#b5bcc4",
         "#d9bd3f", "#4fd0dd"]
      : ["#1f77b4", "#e6550d", "#2ca02c", "#d62728", "#7b4fb5", "#8c564b", "#d6559f", "#636363",
         "#a68a00", "#0f9aa8"];
  const hue = i => data.classes.length <= 10 ? basis[i]
      : `hsl(${360 * i / data.classes.length} 65% ${i % 2 ? 42 : 54}%)`;
  const colours = data.classes.map((_, i) => hue(i));
  const short = data.classes.every(name => [...name].length <= 2);
  const large = Math.max(1, Math.min(1.7, Math.sqrt(700 / data.points.length)));
  let yaw, pitch, zoom, panX, panY, queued = false;
  const reset = () => {
    [yaw, pitch, zoom, panX, panY] = flat ? [0, 0, 1, 0, 0] : [0.6, -0.35, 1, 0, 0];
  };

  const rotated = ([x, y, z]) => {
    const cx = Math.cos(yaw), sx = Math.sin(yaw), cy = Math.cos(pitch), sy = Math.sin(pitch);
    const right = cx * x + sx * z, deep = cx * z - sx * x;
    return [right, cy * y - sy * deep, sy * y + cy * deep];
  };
  const draw = () => {
    queued = false;
    const ratio = window.devicePixelRatio || 1, box = canvas.getBoundingClientRect();
    if (canvas.width !== Math.round(box.width * ratio)) {
      canvas.width = Math.round(box.width * ratio);
      canvas.height = Math.round(box.height * ratio);
    }
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, box.width, box.height);
    const side = 0.37 * zoom * Math.min(box.width, box.height);
    const place = point => {
      const [x, y, z] = rotated(point), near = flat ? 1 : 3.4 / (3.4 + z);
      return [box.width / 2 + panX + side * near * x, box.height / 2 + panY - side * near * y,
              z, near];
    };
    pen.textAlign = "center"; pen.textBaseline = "middle";
    pen.strokeStyle = dark.matches ? "#555" : "#bbb"; pen.fillStyle = "#888";
    pen.font = "12px system-ui, sans-serif";
    data.axes.forEach((name, i) => {
      const end = [0, 0, 0], start = [0, 0, 0];
      end[i] = 1.1; start[i] = -1.1;
      const [ax, ay] = place(start), [bx, by] = place(end);
      pen.beginPath(); pen.moveTo(ax, ay); pen.lineTo(bx, by); pen.stroke();
      pen.fillText(name, bx, by - 9);
    });
    const shown = data.points.map((point, i) => [...place(point), data.label[i]])
        .filter(point => !hidden.has(point[4])).sort((a, b) => b[2] - a[2]);
    for (const [x, y, z, near, label] of shown) {
      pen.globalAlpha = flat ? 0.8 : Math.max(0.25, Math.min(1, 0.7 - 0.45 * z));
      pen.fillStyle = label === null ? "#1f77b4" : colours[label];
      if (label !== null && short) {
        pen.font = `600 ${Math.round(11 * large * near * Math.sqrt(zoom))}px system-ui, sans-serif`;
        pen.fillText(data.classes[label], x, y);
      } else {
        pen.beginPath(); pen.arc(x, y, 2.8 * large * near * Math.sqrt(zoom), 0, 7); pen.fill();
      }
    }
    pen.globalAlpha = 1;
  };
  const redraw = () => { if (!queued) { queued = true; requestAnimationFrame(draw); } };
  const closer = factor => { zoom = Math.max(0.3, Math.min(20, zoom * factor)); redraw(); };
  const spread = () => {
    const [a, b] = [...fingers.values()];
    return Math.hypot(a[0] - b[0], a[1] - b[1]) || 1;
  };
  canvas.addEventListener("pointerdown", event => {
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", event => {
    const last = fingers.get(event.pointerId);
    if (!last) return;
    const before = fingers.size === 2 ? spread() : 0;
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
    if (before) { closer(spread() / before); return; }
    const dx = event.clientX - last[0], dy = event.clientY - last[1];
    if (flat || event.shiftKey) { panX += dx; panY += dy; }
    else { yaw -= dx / 160; pitch = Math.max(-1.57, Math.min(1.57, pitch - dy / 160)); }
    redraw();
  });
  for (const name of ["pointerup", "pointercancel"])
    canvas.addEventListener(name, event => fingers.delete(event.pointerId));
  canvas.addEventListener("wheel", event => {
    event.preventDefault();
    closer(Math.exp(-event.deltaY / 500));
  }, { passive: false });
  canvas.addEventListener("dblclick", () => { reset(); redraw(); });
  canvas.addEventListener("keydown", event => {
    const turn = { ArrowLeft: [0.1, 0], ArrowRight: [-0.1, 0], ArrowUp: [0, 0.1],
                   ArrowDown: [0, -0.1] }[event.key];
    if (turn && !flat) { event.preventDefault(); yaw += turn[0]; pitch += turn[1]; redraw(); }
    if (event.key === "+") closer(1.2);
    if (event.key === "-") closer(1 / 1.2);
  });
  data.classes.forEach((name, i) => {
    const button = document.createElement("button");
    button.type = "button"; button.textContent = name; button.style.color = colours[i];
    button.setAttribute("aria-pressed", "true");
    button.addEventListener("click", () => {
      hidden.has(i) ? hidden.delete(i) : hidden.add(i);
      button.setAttribute("aria-pressed", String(!hidden.has(i)));
      button.style.opacity = hidden.has(i) ? 0.35 : 1;
      redraw();
    });
    legend.append(button);
  });
  window.addEventListener("resize", redraw);
  reset(); draw();
})();
"""
