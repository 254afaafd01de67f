// Lists: ticking, the batch bar, the column chooser, sort kept in the form, row keys, a tidy URL.
import { $, $$, on, onContent, typing } from "./dom.js";

let ticked = new Set();
let last = null;

const boxes = () => $$("[data-tick]");

function showBatch() {
  const bar = $("[data-batch-bar]");
  if (!bar) return;
  const all = boxes();
  const now = all.filter((box) => box.checked).length;
  bar.hidden = now === 0;
  const count = $("[data-batch-count]", bar);
  count.textContent = now === 1 ? count.dataset.one : count.dataset.many.replace("%n", now);
  const head = $("[data-tick-all]");
  if (!head) return; // an empty list has nothing to tick
  head.checked = now > 0 && now === all.length;
  head.indeterminate = now > 0 && now < all.length;
  ticked = new Set(all.filter((box) => box.checked).map((box) => box.value));
}

onContent(() => {
  for (const box of boxes()) box.checked = ticked.has(box.value);
  showBatch();
  keepState();
});

document.addEventListener("dialog-cut", keepState);

// A table wider than its box can be scrolled by keyboard.
onContent((root) => {
  for (const box of $$(".table-box, .table-responsive, .panel-inside", root)) {
    if (box.scrollWidth > box.clientWidth + 1 && !box.hasAttribute("tabindex")) box.tabIndex = 0;
  }
});

// After a partial update the tools above the list follow what the URL now says.
function keepState() {
  const list = $("[data-list]");
  if (!list) return;
  const params = new URLSearchParams(location.search);
  const sort = $("[data-list-sort]");
  const cols = $("[data-list-cols]");
  if (sort) sort.value = params.get("sort") ?? "";
  if (cols) cols.value = params.get("cols") ?? "";
  for (const form of $$("form[data-list-state]")) form.action = location.pathname + (list.dataset.state ? `?${list.dataset.state}` : "");
}

on("change", "[data-tick]", (_event, _box) => showBatch());
on("click", "[data-tick]", (event, box) => {
  if (event.shiftKey && last && last !== box) {
    const all = boxes();
    const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
    for (const one of all.slice(from, to + 1)) one.checked = box.checked;
  }
  last = box;
  showBatch();
});
on("change", "[data-tick-all]", (_event, head) => {
  for (const box of boxes()) box.checked = head.checked;
  showBatch();
});
on("click", "[data-batch-none]", () => {
  for (const box of boxes()) box.checked = false;
  showBatch();
});
document.addEventListener("list-changed", () => { ticked = new Set(); });

// Before the form hears of it: it would ask once with the old columns.
document.addEventListener("change", (event) => {
  const box = event.target.closest?.("[data-column]");
  if (!box) return;
  event.stopPropagation();
  const names = $$("[data-column]").filter((one) => one.checked).map((one) => one.value);
  $("[data-list-cols]").value = names.join(",");
  $("[data-list-form]").requestSubmit();
  box.focus();
}, true);

// Leaving the search field is no news: what was typed has been asked for already, and asking again would
// undo the click that took the focus away.
document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-list-search]")) event.stopPropagation();
}, true);

on("click", "[data-clears]", (_event, chip) => {
  const field = $(`[data-list-form] [name="${chip.dataset.clears}"]`);
  if (field) field.value = "";
});

// Empty fields do not clutter the address.
document.addEventListener("htmx:configRequest", (event) => {
  if (!event.detail.elt.matches?.("[data-list-form]")) return;
  const { parameters } = event.detail;
  for (const name of Object.keys(parameters)) if (parameters[name] === "") delete parameters[name];
});

const rows = () => $$("tr[data-row]");
const current = () => rows().findIndex((row) => row.classList.contains("current"));

function move(step) {
  const all = rows();
  if (!all.length) return;
  const at = Math.max(0, Math.min(all.length - 1, current() + step));
  for (const row of all) row.classList.toggle("current", row === all[at]);
  all[at].scrollIntoView({ block: "nearest" });
  const target = $("a, [data-tick]", all[at]);
  target?.focus({ preventScroll: true });
}

document.addEventListener("keydown", (event) => {
  const inTable = event.target instanceof Element && event.target.closest("[data-list] tbody");
  if (event.ctrlKey || event.metaKey || event.altKey || (typing(event.target) && !inTable) || $("dialog[open]")) return;
  if (event.key === "j" || (inTable && event.key === "ArrowDown")) { event.preventDefault(); move(1); }
  else if (event.key === "k" || (inTable && event.key === "ArrowUp")) { event.preventDefault(); move(-1); }
  else if (event.key === "x" && current() >= 0) {
    const box = $("[data-tick]", rows()[current()]);
    if (box) { box.checked = !box.checked; showBatch(); }
  } else if (event.key === "Enter" && current() >= 0 && !event.target.closest?.("a, button")) {
    const { href } = rows()[current()].dataset;
    if (href) location.assign(href);
  }
});

on("click", "tr[data-href]", (event, row) => {
  if (event.target.closest("a, button, input, label") || String(getSelection())) return;
  if (event.ctrlKey || event.metaKey) window.open(row.dataset.href, "_blank", "noopener");
  else location.assign(row.dataset.href);
});
