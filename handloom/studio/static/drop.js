// Giving an image: choose a file, drop it, paste it, or take it with a camera.
import { button, fill, h, say, t } from "/static/dom.js";
import { icon } from "/static/icons.js";

const MOST_BYTES = 20 * 2 ** 20, TINY = 64;  // pixels

/** A place for images. take: called with a Blob. The one that was given last is shown in it. */
export function dropPlace(label, take) {
  const input = h("input", { type: "file", accept: "image/*", class: "unseen", tabindex: "-1",
    "aria-label": label });
  const shown = h("div", { class: "given" }), camera = h("div", { class: "camera" });
  const name = h("span", {}, label);
  const choose = h("button", { type: "button", class: "choose", onclick: () => input.click() },
    icon("image"), name, h("small", {}, t("Drop, paste or choose an image")));
  const film = navigator.mediaDevices ? button([icon("camera"), t("Webcam")],
    () => webcam(place, camera, give), { class: "small film" }) : null;
  const place = h("div", { class: "drop" }, shown, h("div", { class: "acts" }, choose, film),
    input, camera);
  let address = null;

  async function give(file) {
    if (!file) return;
    if (file.size > MOST_BYTES) {
      say(t("The image has more than 20 MiB: make it smaller."), "bad");
      return;
    }
    if (address) URL.revokeObjectURL(address);
    address = URL.createObjectURL(file);
    const image = h("img", { src: address, alt: file.name || t("the image given") });
    image.addEventListener("load", () =>
      image.classList.toggle("tiny", Math.max(image.naturalWidth, image.naturalHeight) < TINY));
    fill(shown, image);
    place.classList.add("has");
    name.textContent = t("Another image");
    try {
      await take(file);
    } catch (error) {
      if (error.name !== "AbortError") say(error.message, "bad");
    }
  }

  input.addEventListener("change", () => { give(input.files[0]); input.value = ""; });
  place.addEventListener("dragover", event => {
    event.preventDefault();
    place.classList.add("over");
  });
  place.addEventListener("dragleave", () => place.classList.remove("over"));
  place.addEventListener("drop", event => {
    event.preventDefault();
    place.classList.remove("over");
    give(imageOf(event.dataTransfer.files) ?? event.dataTransfer.files[0]);
  });
  document.addEventListener("paste", event => {
    const isTyping = event.target.closest?.("textarea, input[type=text], input[type=search]");
    if (!place.isConnected || !place.checkVisibility() || isTyping || !isFirst(place)) return;
    const file = imageOf(event.clipboardData.files);
    if (file) { event.preventDefault(); give(file); }
  });
  return place;
}

const imageOf = files => [...files].find(file => file.type.startsWith("image/"));

/** Of several places a pasted image goes to the one with the keyboard, or to the first. */
function isFirst(place) {
  const focused = document.activeElement?.closest(".drop");
  return place === (focused ?? document.querySelector(".drop"));
}

async function webcam(place, camera, give) {
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
  } catch {
    say(t("No camera can be used here: connect one, and let the browser use it."), "bad");
    return;
  }
  const video = h("video", { autoplay: true, muted: true, playsinline: true,
    "aria-label": t("Webcam") });
  video.srcObject = stream;
  const end = () => {
    stream.getTracks().forEach(track => track.stop());
    place.classList.remove("filming");
    fill(camera);
  };
  const take = button(t("Take the image"), async () => {
    if (!video.videoWidth) return;
    const canvas = h("canvas", { width: video.videoWidth, height: video.videoHeight });
    canvas.getContext("2d").drawImage(video, 0, 0);
    const file = await new Promise(resolve => canvas.toBlob(resolve, "image/jpeg", 0.92));
    end();
    await give(file);
  }, { class: "main", id: "take" });
  place.classList.add("filming");
  fill(camera, video, h("div", { class: "acts" }, take, button(t("Close"), async () => end())));
}
