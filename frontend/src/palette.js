// Ctrl/⌘-K: search accounts, people and pages; arrows choose, Enter opens.
import { $, $$, on } from "./dom.js";

let asked = 0;
let timer = 0;

function open() {
  const box = $("#palette");
  if (!box || box.open) return;
  box.showModal();
  const input = $("#palette-input");
  input.value = "";
  input.focus();
  look("");
}

async function look(words) {
  const turn = ++asked;
  const url = `${$("#palette-input").dataset.url}?q=${encodeURIComponent(words)}`;
  const answer = await fetch(url, { headers: { "X-Requested-With": "fetch" } }).catch(() => null);
  if (turn !== asked || !answer?.ok) return;
  $("#palette-hits").innerHTML = await answer.text();
  choose(0);
}

function choose(index) {
  const hits = $$('#palette-hits [role="option"]');
  if (!hits.length) return $("#palette-input").removeAttribute("aria-activedescendant");
  const at = (index + hits.length) % hits.length;
  hits.forEach((hit, i) => hit.setAttribute("aria-selected", String(i === at)));
  hits[at].scrollIntoView({ block: "nearest" });
  $("#palette-input").setAttribute("aria-activedescendant", hits[at].id);
}

const chosen = () => $$('#palette-hits [role="option"]').findIndex((hit) => hit.getAttribute("aria-selected") === "true");

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    open();
  }
});
document.addEventListener("palette-open", open);
on("click", "[data-palette-open]", open);

on("input", "#palette-input", (_event, input) => {
  clearTimeout(timer);
  timer = setTimeout(() => look(input.value), 120);
});

on("keydown", "#palette-input", (event) => {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    choose(chosen() + (event.key === "ArrowDown" ? 1 : -1));
  } else if (event.key === "Escape") {
    event.preventDefault();
    $("#palette").close();
  } else if (event.key === "Enter") {
    event.preventDefault();
    $$('#palette-hits [role="option"]')[chosen()]?.click();
  }
});
