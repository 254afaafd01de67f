// A process as a list: what a step asks depends on its kind, and what was unfolded stays so when the form comes again.
import { $, on } from "./dom.js";

document.addEventListener("toggle", (event) => {
  const kept = event.target.querySelector?.(":scope > input[data-open]");
  if (kept) kept.value = event.target.open ? "1" : "";
}, true);

on("change", "[data-again]", (_event, box) => box.form.requestSubmit($("[data-again-by]", box.form)));
