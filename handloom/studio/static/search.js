// An index as a grid: by words, by an image, by clicking; filters; "nothing here".
import { ask, button, fill, h, number, parameter, query, t, waiting } from "/static/dom.js";
import { dropPlace } from "/static/drop.js";

export async function show(main) {
  const { indexes } = await ask("/api/indexes");
  if (!indexes.length) {
    fill(main, h("h1", {}, t("Search")), h("div", { class: "empty" }, h("p", {}, t("There is no index here yet. Make one of a folder of images:")), h("p", {}, h("code", {}, "handloom index ./photos"))));
    return;
  }
  const name = indexes.includes(parameter("index")) ? parameter("index") : indexes[0];
  const about = await ask(`/api/index?${query({ index: name })}`);
  const choose = h("select", { "aria-label": t("Index"), onchange: event => { location.search = query({ index: event.target.value }); } },
    indexes.map(each => h("option", { value: each, selected: each === name }, each)));
  const grid = h("div", { class: "results" }), note = h("p", { class: "quiet", role: "status" });
  const where = h("input", { type: "text", id: "where", placeholder: "label = 'dress' and size > 10000" });
  const auto = h("input", { type: "checkbox", id: "auto" });
  const words = h("input", { type: "search", id: "words", placeholder: about.reads_texts ? t("a red dress") : t("This encoder reads no words"), disabled: !about.reads_texts });
  let last = { random: true };

  const options = () => ({ k: 24, ...(where.value.trim() ? { where: where.value.trim() } : {}), ...(auto.checked ? { min_score: "auto" } : {}) });
  async function search(wanted = last) {
    last = wanted;
    fill(grid, waiting(t("Searching …")));
    try {
      const answer = wanted instanceof Blob ? await ask(`/api/search?${query({ index: name, ...options() })}`, wanted)
        : await ask(`/api/search?${query({ index: name })}`, { ...wanted, ...options() });
      if (wanted.random && answer.query !== null) last = { id: answer.query };
      draw(answer);
    } catch (error) { fill(grid, h("p", { class: "problem", role: "alert" }, error.message)); fill(note); }
  }
  const picture = (id, label) => h("img", { src: `/api/thumbnail?${query({ index: name, id })}`, alt: label, loading: "lazy" });
  function draw(answer) {
    const isText = answer.results.some(result => result.kind === "texts");
    const asked = answer.query !== null && !isText ? h("figure", { class: "hit asked" }, picture(answer.query, t("what was asked for")), h("figcaption", {}, t("asked for"))) : null;
    if (!answer.results.length) {
      fill(grid, asked, h("div", { class: "empty" }, h("h2", {}, t("Nothing here")), answer.below !== null ? h("p", {}, t("The nearest scores {score}.", { score: answer.below.toFixed(2) })) : null));
      note.textContent = t("Nothing here");
      return;
    }
    note.textContent = t("{n} results", { n: answer.results.length });
    fill(grid, asked, answer.results.map(result => h("button", { type: "button", class: "hit", title: result.path, onclick: () => { search({ id: result.id }); scrollTo({ top: 0 }); } },
      result.kind === "texts" ? h("span", { class: "text" }, result.text) : picture(result.id, result.path), h("span", { class: "score" }, result.score.toFixed(2)), h("span", { class: "name" }, result.label || (result.kind !== "texts" && result.text) || result.path.split("/").at(-1)),
      result.copies?.length ? h("span", { class: "small quiet" }, t("+{n} copies", { n: result.copies.length })) : null)));
  }
  const atlas = h("div", { id: "atlas" });
  const map = h("button", { type: "button", id: "map", "aria-expanded": "false", onclick: () => {
    const isOpen = atlas.childElementCount > 0;
    map.setAttribute("aria-expanded", String(!isOpen));
    if (isOpen) { fill(atlas); return; }
    const frame = h("iframe", { class: "report", src: `/map?${query({ index: name })}`, title: t("Map of all images"), sandbox: "allow-scripts" });
    const notice = waiting(t("Placing the images … (a large index takes minutes)"));
    frame.addEventListener("load", () => notice.remove());
    fill(atlas, notice, frame);
  } }, t("Map"));
  const columns = Object.entries(about.columns).map(([column]) => column).join(", ");
  fill(main, h("div", { class: "title" }, h("h1", {}, t("Search")), choose, h("p", { class: "quiet" }, t("{n} images by {encoder}", { n: number(about.images), encoder: about.encoder ?? "?" }))),
    h("section", { class: "card finder" }, h("div", { class: "two" }, dropPlace(t("Search by an image"), file => search(file)),
      h("form", { onsubmit: event => { event.preventDefault(); search(words.value.trim() ? { words: words.value.trim() } : last); } },
        h("label", { for: "words" }, t("By words")), words, h("label", { for: "where" }, t("Only where")), where, h("p", { class: "small quiet" }, `${t("columns")}: ${columns}`),
        h("div", { class: "row" }, auto, h("label", { for: "auto" }, t("Show nothing rather than what is not alike")), ),
        h("div", { class: "row" }, h("button", { class: "main", type: "submit" }, t("Search")), button(t("Any image"), () => search({ random: true }), { id: "random" }), map)))), atlas, note, grid);
  await search();
}
