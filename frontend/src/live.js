// The live tail can be paused; chips that filter a fragment show which one is on.
import { $, $$, on } from "./dom.js";

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
