// Giving an image: choose a file, drop it, paste it, or take it with a camera.
import { button, fill, h, say, t } from "/static/dom.js";

const MOST_BYTES = 20 * 2 ** 20;

/** A place for images. take: called with a Blob. The one that was given last is shown in it. */
export function dropPlace(label, take) {
  const input = h("input", { type: "file", accept: "image/*", class: "unseen", "aria-label": label });
  const shown = h("div", { class: "given" });
  const camera = h("div", { class: "camera" });
  const choose = h("button", { type: "button", class: "choose", onclick: () => input.click() },
    h("span", { class: "plus", "aria-hidden": "true" }, "+"), h("span", {}, label), h("span", { class: "small quiet" }, t("Drop, paste or choose an image")));
  const film = button(t("Webcam"), () => webcam(camera, give), { class: "small" });
  const place = h("div", { class: "drop" }, choose, shown, input, navigator.mediaDevices ? film : null, camera);
  let address = null;

  async function give(file) {
    if (!file) return;
    if (file.size > MOST_BYTES) { say(t("The image has more than 20 MiB."), "bad"); return; }
    if (address) URL.revokeObjectURL(address);
    address = URL.createObjectURL(file);
    fill(shown, h("img", { src: address, alt: file.name || t("the image given") }));
    place.classList.add("has");
    try { await take(file); } catch (error) { if (error.name !== "AbortError") say(error.message, "bad"); }
  }

  input.addEventListener("change", () => { give(input.files[0]); input.value = ""; });
  place.addEventListener("dragover", event => { event.preventDefault(); place.classList.add("over"); });
  place.addEventListener("dragleave", () => place.classList.remove("over"));
  place.addEventListener("drop", event => {
    event.preventDefault();
    place.classList.remove("over");
    give([...event.dataTransfer.files].find(file => file.type.startsWith("image/")) ?? event.dataTransfer.files[0]);
  });
  document.addEventListener("paste", event => {
    if (!place.isConnected || !place.checkVisibility?.() || event.target.closest?.("textarea, input[type=text]")) return;
    const file = [...event.clipboardData.files].find(each => each.type.startsWith("image/"));
    if (file) { event.preventDefault(); give(file); }
  });
  return place;
}

async function webcam(place, give) {
  let stream;
  try { stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } }); }
  catch { say(t("No camera can be used here."), "bad"); return; }
  const video = h("video", { autoplay: true, muted: true, playsinline: true, "aria-label": t("Webcam") });
  video.srcObject = stream;
  const end = () => { stream.getTracks().forEach(track => track.stop()); fill(place); };
  fill(place, video, button(t("Take the image"), async () => {
    const canvas = h("canvas", { width: video.videoWidth, height: video.videoHeight });
    canvas.getContext("2d").drawImage(video, 0, 0);
    const file = await new Promise(resolve => canvas.toBlob(resolve, "image/jpeg", 0.92));
    end();
    await give(file);
  }, { class: "main" }), button(t("Close"), async () => end()));
}
