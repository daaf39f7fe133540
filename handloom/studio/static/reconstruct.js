// An image through the encoder and back.
import { ask, h, query, showIn, t } from "/static/dom.js";
import { dropPlace } from "/static/drop.js";
import { number } from "/static/format.js";
import { classChoice } from "/static/sliders.js";

export function reconstruct(run) {
  const result = h("div", { class: "result" },
    h("p", { class: "awaits" },
      t("The image as the network sees it, and its reconstruction, appear here.")));
  const label = classChoice(run);
  let given = null;
  const show = file => {
    given = file;
    const named = label ? { class: label.value() } : {};
    return showIn(result, t("Opening the network …"), signal =>
      ask(`/api/reconstruct?${query({ run: run.run, ...named })}`, file, signal), shown);
  };
  const place = dropPlace(t("Give an image"), show);
  label?.select.addEventListener("change", () => { if (given) show(given); });
  return h("section", { class: "card", id: "reconstruct" },
    h("h2", {}, t("Encode and reconstruct")),
    label?.row, h("div", { class: "two" }, place, result));
}

function shown(made) {
  const figure = (address, name) =>
    h("figure", {}, h("img", { src: address, alt: name }), h("figcaption", {}, name));
  return [
    h("div", { class: "pair pixels" }, figure(made.original, t("as the network sees it")),
      figure(made.image, t("reconstructed"))),
    h("p", { class: "quiet" },
      t("mean squared error of a pixel: {error}", { error: number(made.error) })),
    h("details", {}, h("summary", {}, t("Its latent")),
      h("p", {}, h("code", {}, made.latent.join(", "))))];
}
