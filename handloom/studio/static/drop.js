// Giving an image: choose a file, drop it, paste it, or take it with a camera.
import { button, fill, gone, h, say, t } from "/static/dom.js";
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
  takers.set(place, give);

  async function give(file) {
    if (!file) return;
    if (file.size > MOST_BYTES) {
      say(t("The image has more than 20 MiB: make it smaller."), "bad");
      return;
    }
    fill(camera);  // which stops a webcam that is on
    fill(shown, preview(file));
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
  return place;
}

const takers = new WeakMap();  // what a place does with an image, as long as there is the place
const imageOf = files => [...files].find(file => file.type.startsWith("image/"));

/** Of several places a pasted image goes to the one with the keyboard, or to the first. */
document.addEventListener("paste", event => {
  const isTyping = event.target.closest?.("textarea, input[type=text], input[type=search]");
  const place = document.activeElement?.closest(".drop")
    ?? [...document.querySelectorAll(".drop")].find(each => each.checkVisibility());
  const file = isTyping || !place ? null : imageOf(event.clipboardData.files);
  if (file) { event.preventDefault(); takers.get(place)?.(file); }
});

/** The image of a file; the name of one that the browser cannot show, as a photo in HEIC. */
function preview(file) {
  const name = file.name || t("the image given"), address = URL.createObjectURL(file);
  const image = h("img", { src: address, alt: name, onload: () => {
    URL.revokeObjectURL(address);
    image.classList.toggle("tiny", Math.max(image.naturalWidth, image.naturalHeight) < TINY);
  }, onerror: () => {
    URL.revokeObjectURL(address);
    image.replaceWith(h("p", { class: "quiet" }, name));
  } });
  return image;
}

async function webcam(place, camera, give) {
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
  } catch {
    say(t("No camera can be used here: connect one, and let the browser use it."), "bad");
    return;
  }
  if (!place.isConnected) {  // the view changed while the browser asked whether it may
    stream.getTracks().forEach(track => track.stop());
    return;
  }
  const video = h("video", { autoplay: true, muted: true, playsinline: true,
    "aria-label": t("Webcam") });
  video.srcObject = stream;
  stream.getVideoTracks()[0].addEventListener("ended", () => fill(camera));  // it was pulled out
  const end = () => {
    stream.getTracks().forEach(track => track.stop());
    place.classList.remove("filming");
    const isNowhere = document.activeElement === document.body;
    if (isNowhere && place.isConnected) place.querySelector(".film").focus();
  };
  const take = button(t("Take the image"), async () => {
    if (!video.videoWidth) return;
    const canvas = h("canvas", { width: video.videoWidth, height: video.videoHeight });
    canvas.getContext("2d").drawImage(video, 0, 0);
    await give(await new Promise(resolve => canvas.toBlob(resolve, "image/jpeg", 0.92)));
  }, { class: "main", id: "take" });
  place.classList.add("filming");
  fill(camera, video, h("div", { class: "acts" }, take, button(t("Close"), async () => fill(camera))));
  gone(video, end);
}
