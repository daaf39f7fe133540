// An index as a grid: by words, by an image, by clicking; filters; "nothing here"; a map.
import { ask, button, empty, fill, h, newest, parameter, problem, query, reasoned, t, waiting }
  from "/static/dom.js";
import { dropPlace } from "/static/drop.js";
import { filters } from "/static/filters.js";
import { number } from "/static/format.js";
import { frame } from "/static/frame.js";
import { icon } from "/static/icons.js";

const COUNT = 23;  // results: with the query whole rows of 2, 3, 4 and 6

export async function show(main) {
  const { indexes } = await ask("/api/indexes");
  if (!indexes.length) { fill(main, h("div", { class: "title" }, h("h1", {}, t("Search"))), none()); return; }
  const name = indexes.includes(parameter("index")) ? parameter("index") : indexes[0];
  fill(main, heading(indexes, name, null), waiting(t("Opening the index …")));
  const about = await ask(`/api/index?${query({ index: name })}`);
  const results = resultsOf(name, id => search({ id }));
  const words = h("input", { type: "search", id: "words", placeholder: t("a red dress"),
    "aria-label": t("Search by words") });
  const auto = h("input", { type: "checkbox", id: "auto", onchange: () => search() });
  const narrow = filters(name, about.columns, () => search());
  let last = { random: true }, pending = null;

  /** Searches for what is given, or again for what was given last. */
  async function search(wanted = last) {
    if (wanted.words === undefined) words.value = "";
    const where = narrow.condition();
    const options = { k: COUNT, ...(where ? { where } : {}),
      ...(auto.checked ? { min_score: "auto" } : {}) };
    const question = JSON.stringify(options);
    if (wanted === last && pending === question) return;  // Enter after a change: it is under way
    [last, pending] = [wanted, question];
    results.wait();
    await newest(results.grid, signal => wanted instanceof Blob
      ? ask(`/api/search?${query({ index: name, ...options })}`, wanted, signal)
      : ask(`/api/search?${query({ index: name })}`, { ...wanted, ...options }, signal),
    answer => {
      pending = null;
      if (wanted.random && answer.query !== null) last = { id: answer.query };
      results.draw(answer, wanted);
    }, error => {
      pending = null;
      results.refuse(error);
    });
  }
  const form = h("form", { role: "search", onsubmit: event => {
    event.preventDefault();
    const typed = words.value.trim();
    search(typed && typed !== last.words ? { words: typed } : last);
  } }, about.reads_texts
    ? h("div", { class: "asking" }, words,
      h("button", { class: "main", type: "submit" }, icon("search"), t("Search")))
    : h("p", { class: "quiet" },
      t("This index reads no words: drop an image, or click one below.")),
    narrow.place,
    h("label", { class: "check" }, auto, t("Show nothing rather than what is not alike")));
  const anyImage = button([icon("shuffle"), t("Any image")], () => search({ random: true }),
    { class: "small", id: "random" });
  const map = mapOf(name);
  fill(main, heading(indexes, name, about),
    h("section", { class: "card finder" },
      dropPlace(t("Search by an image"), file => search(file)), form),
    h("div", { class: "title bar-of-results" }, results.note,
      h("span", { class: "rest" }, anyImage, map.button)),
    map.place, results.grid);
  await search();
}

function none() {
  return h("section", { class: "card" }, empty("search", t("There is no index here yet"),
    h("p", {},
      t("It makes a folder of images searchable, by an image or by words. Make one in a terminal:")),
    h("p", {}, h("code", {}, "handloom index ./photos"))));
}

function heading(indexes, name, about) {
  const choose = h("select", { "aria-label": t("Index"), onchange: event => {
    location.search = query({ index: event.target.value });
  } }, indexes.map(each => h("option", { value: each, selected: each === name }, each)));
  const known = about ? t("{n} images, seen by {encoder}",
    { n: number(about.images), encoder: about.encoder ?? "?" }) : null;
  return h("div", { class: "title" }, h("h1", {}, t("Search")), choose,
    known ? h("span", { class: "quiet" }, known) : null);
}

function resultsOf(name, choose) {
  const grid = h("div", { class: "results" });
  const note = h("p", { class: "quiet", role: "status" });
  let isChosen = false;  // a result, which makes room for others: the keyboard stays among them
  const thumbnail = (id, label) =>
    h("img", { src: `/api/thumbnail?${query({ index: name, id })}`, alt: label, loading: "lazy" });

  function hit(result) {
    const isText = result.kind === "texts", file = result.path.split("/").at(-1);
    return h("button", { type: "button", class: "hit", title: result.path, onclick: () => {
      choose(result.id);
      scrollTo({ top: 0 });
      isChosen = true;
    } }, isText ? h("span", { class: "text" }, result.text) : thumbnail(result.id, result.path),
      h("span", { class: "name" }, result.label || (!isText && result.text) || file),
      h("span", { class: "score", title: t("cosine with the query") }, result.score.toFixed(2)),
      result.copies?.length ? h("span", { class: "copies" },
        t("+{n} copies", { n: result.copies.length })) : null);
  }

  function draw(answer, wanted) {
    const { results } = answer, isText = results.some(result => result.kind === "texts");
    const itself = answer.query !== null && !isText ? h("figure", { class: "hit asked" },
      thumbnail(answer.query, t("Your query")), h("figcaption", {}, t("Your query"))) : null;
    const near = answer.below === null || answer.below === undefined ? null
      : h("p", {}, t("The nearest scores {score}, which is too little to be alike.",
        { score: answer.below.toFixed(2) }));
    note.textContent = !results.length ? t("Nothing here")
      : wanted.words ? t("{n} results for “{words}”", { n: results.length, words: wanted.words })
      : results.length === 1 ? t("1 result") : t("{n} results", { n: results.length });
    fill(grid, itself, results.length ? results.map(hit)
      : empty("search", t("Nothing here"), near,
        answer.why ? h("p", {}, reasoned(answer.why)) : null,
        h("p", {}, t("Loosen the filters, or ask for something else."))));
    if (isChosen) grid.querySelector("button.hit")?.focus({ preventScroll: true });
    isChosen = false;
  }
  return {
    grid, note, draw,
    wait: () => fill(grid, waiting(t("Searching …"))),
    refuse: error => { fill(grid, problem(error)); note.textContent = ""; },
  };
}

/** All images on a map, opened and closed by a button. */
function mapOf(name) {
  const place = h("div", { id: "atlas" });
  const toggle = h("button",
    { type: "button", class: "small", id: "map", "aria-expanded": "false", onclick: () => {
    const isOpen = place.childElementCount > 0;
    toggle.setAttribute("aria-expanded", String(!isOpen));
    if (isOpen) { fill(place); return; }
    const shown = frame(`/map?${query({ index: name })}`, t("Map of all images"));
    const notice = waiting(t("Placing the images … (a large index takes minutes)"));
    shown.classList.add("awaited");
    shown.addEventListener("load", () => {
      notice.remove();
      shown.classList.remove("awaited");
    });
    fill(place, notice, shown);
  } }, icon("map"), t("Map"));
  return { place, button: toggle };
}
