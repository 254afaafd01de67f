// The live tail can be paused; chips that filter a fragment show which one is on.
import { $, $$, on, onContent } from "./dom.js";

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.id === "tail" && (document.hidden || $('[data-tail-toggle][aria-pressed="true"]'))) event.preventDefault();
});

on("click", "[data-tail-toggle]", (_event, button) => {
  const paused = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(paused));
  for (const words of $$("[data-when]", button)) words.hidden = (words.dataset.when === "paused") !== paused;
});

on("click", "[data-chip]", (_event, chip) => {
  for (const one of $$("[data-chip]", chip.closest("[data-chips]"))) one.classList.toggle("on", one === chip);
});

// A page with data-live hears from the server what changed: numbers at once, the rest by asking for its body anew.
let stream = null;

function listen() {
  const place = $("[data-live]");
  if (stream && (!place || document.hidden)) { stream.close(); stream = null; }
  if (!place || stream || document.hidden) return;
  stream = new EventSource(place.dataset.live);
  let first = true;
  stream.addEventListener("presence", ({ data }) => {
    const numbers = JSON.parse(data);
    let moved = false;
    for (const [name, value] of Object.entries(numbers)) {
      const shown = $(`[data-live-number="${name}"]`);
      const text = value.toLocaleString(document.documentElement.lang);
      if (shown && shown.textContent !== text) { shown.textContent = text; moved = true; }
    }
    if (moved || !first) htmx.trigger(document.body, "presence");
    first = false;
  });
}

document.addEventListener("visibilitychange", listen);
onContent(listen);
