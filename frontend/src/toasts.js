// Toasts: from HX-Trigger {"toast": …}, from Django messages, and for failed requests.
import { $, $$, csrfToken, on } from "./dom.js";

const box = () => $("#toasts");

export function toast({ text, kind = "success", undo = "" }) {
  const item = document.createElement("div");
  item.className = `toast-note toast-${kind}`;
  const words = document.createElement("span");
  words.textContent = text;
  item.append(words);
  if (undo) item.append(button(box().dataset.undo, () => { item.remove(); takeBack(undo); }));
  item.append(button("×", () => item.remove(), box().dataset.close));
  box().append(item);
  const stay = kind === "error" ? 12000 : undo ? 10000 : 5000;
  let timer = setTimeout(() => item.remove(), stay);
  item.addEventListener("pointerenter", () => clearTimeout(timer));
  item.addEventListener("pointerleave", () => { timer = setTimeout(() => item.remove(), 3000); });
}

function button(text, run, label = "") {
  const one = document.createElement("button");
  one.type = "button";
  one.textContent = text;
  if (label) one.setAttribute("aria-label", label);
  one.addEventListener("click", run);
  return one;
}

function takeBack(token) {
  htmx.ajax("POST", box().dataset.undoUrl, { values: { token, csrfmiddlewaretoken: csrfToken() }, swap: "none" });
}

document.addEventListener("toast", (event) => toast(event.detail));

document.addEventListener("DOMContentLoaded", () => {
  for (const note of $$("[data-toast]")) {
    const undo = (note.dataset.extra.match(/undo:(\S+)/) || [])[1] || "";
    toast({ text: note.textContent, kind: note.dataset.kind, undo });
    note.remove();
  }
});

document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.elt.closest?.(".panel-inside")) return;
  const heading = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html").querySelector(".empty-title");
  toast({ text: heading ? heading.textContent : box().dataset.failed, kind: "error" });
});
document.addEventListener("htmx:sendError", () => toast({ text: box().dataset.offline, kind: "error" }));

on("click", "[data-copy]", async (_event, source) => {
  const target = source.dataset.copy.startsWith("#") ? $(source.dataset.copy).textContent : source.dataset.copy;
  await navigator.clipboard.writeText(target);
  toast({ text: box().dataset.copied });
});
