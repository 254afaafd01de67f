// The board: a card is moved by its menu, or dragged onto a column that takes it. The menu is the way by keyboard and on a phone.
import { csrfToken } from "./dom.js";

let dragged = null;

const columnAt = (event) => (event.target instanceof Element ? event.target.closest("[data-board] [data-drop]") : null);
const takes = (column) => Boolean(dragged && column?.dataset.drop && column.dataset.drop !== dragged.dataset.at);

function mark(column) {
  for (const one of document.querySelectorAll("[data-drop].over")) if (one !== column) one.classList.remove("over");
  column?.classList.add("over");
}

document.addEventListener("dragstart", (event) => {
  const card = event.target instanceof Element ? event.target.closest("[data-board] [data-card]") : null;
  if (!card) return;
  dragged = card;
  card.classList.add("dragged");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", card.dataset.card);
});

document.addEventListener("dragover", (event) => {
  const column = columnAt(event);
  if (!takes(column)) { if (dragged) mark(null); return; }
  event.preventDefault();
  event.dataTransfer.dropEffect = "move";
  mark(column);
});

document.addEventListener("drop", (event) => {
  const column = columnAt(event);
  if (!takes(column)) return;
  event.preventDefault();
  const values = { item: dragged.dataset.card, to: column.dataset.drop, csrfmiddlewaretoken: csrfToken() };
  htmx.ajax("POST", column.closest("[data-board]").dataset.move, { values, swap: "none" });
});

document.addEventListener("dragend", () => {
  dragged?.classList.remove("dragged");
  dragged = null;
  mark(null);
});
