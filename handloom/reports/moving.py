"""An animation inside a page, which stands still for whoever asked for less motion."""

from markupsafe import Markup

from handloom.reports.page import image


def moving(content: bytes, alt: str) -> Markup:
    """A GIF inside the page; where motion is to be reduced, its first frame and a button."""
    return Markup('<div class="moving">{}<style>{}</style><script>{}</script></div>').format(
        image(content, alt), Markup(STYLE), Markup(SCRIPT)
    )


STYLE = """
@media (prefers-reduced-motion: reduce) and (scripting: enabled) {
  .moving:not(.ready) img { visibility: hidden } }
.moving :is(img, canvas) { max-width: 100% } .moving button { font: inherit }
"""
SCRIPT = """
(() => {
  const place = document.currentScript.parentElement, image = place.querySelector("img");
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const still = document.createElement("canvas");
  still.setAttribute("role", "img");
  still.setAttribute("aria-label", image.alt);
  const [play, stop] = ["Play", "Stop"].map(label => {
    const button = document.createElement("button");
    button.type = "button"; button.textContent = label;
    button.addEventListener("click", () => {
      show(button === play);
      (button === play ? stop : play).focus();
    });
    return button;
  });
  const show = isPlaying => {
    image.hidden = stop.hidden = !isPlaying;
    still.hidden = play.hidden = isPlaying;
  };
  image.decode().then(() => {
    [still.width, still.height] = [image.naturalWidth, image.naturalHeight];
    still.getContext("2d").drawImage(image, 0, 0);  // the first frame
    show(false);
    place.prepend(still);
    place.append(play, stop);
    place.classList.add("ready");
  });
})();
"""
