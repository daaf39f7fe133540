// Line icons of 24 units, drawn here so that nothing is loaded from elsewhere.
import { s } from "/static/dom.js";

const PATHS = {
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2M12 20v2M4.9 4.9l1.4 1.4M17.7 17.7l1.4 1.4M2 12h2"
    + "M20 12h2M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4",
  moon: "M20 14.5A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.5 10.5Z",
  image: "M4 5h16v14H4zM4 16l4.5-4.5 4 4L15 13l5 5M15.5 9.2h.01",
  camera: "M4 8h3l1.6-2.5h6.8L17 8h3v11H4zM12 10.2a3 3 0 1 0 0 6 3 3 0 0 0 0-6",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M15.4 15.4 20 20",
  chart: "M4 4v16h16M8 15l3.5-4.5 3 2.5L20 7",
  page: "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
  check: "M4.5 12.5 10 18 19.5 7",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  map: "M9 4 3.5 6v14L9 18l6 2 5.5-2V4L15 6zM9 4v14M15 6v14",
  shuffle: "M4 7h3.5l8.5 10H20M4 17h3.5l2.4-2.8M13.4 9.9 16 7h4M17.5 4.5 20 7l-2.5 2.5"
    + "M17.5 14.5 20 17l-2.5 2.5",
  play: "M8 5v14l11-7z",
};

export const icon = name => s("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" },
  s("path", { d: PATHS[name] }));
