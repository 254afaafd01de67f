// Keyboard shortcuts outside of fields: "/" searches, "?" helps, "g h" and "g a" go places.
import { $, typing } from "./dom.js";

const PLACES = { h: "/", a: "/accounts/" };
let waiting = 0;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || $("dialog[open]")) return;
  if (Date.now() - waiting < 1200 && PLACES[event.key]) {
    location.assign(PLACES[event.key]);
    return;
  }
  waiting = event.key === "g" ? Date.now() : 0;
  if (event.key === "?") $("#help")?.showModal();
  else if (event.key === "/") {
    const field = $("[data-list-search]");
    if (field) field.focus();
    else document.dispatchEvent(new CustomEvent("palette-open"));
    event.preventDefault();
  }
});
