// Small helpers shared by the modules.
export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

/** Call `run(root)` now and for every fragment htmx brings in. */
export function onContent(run) {
  const start = () => run(document.body);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
  document.addEventListener("htmx:afterSettle", (event) => run(event.detail.elt ?? document.body));
}

/** Listen once on the document for events of elements that match. */
export function on(type, selector, run) {
  document.addEventListener(type, (event) => {
    const found = event.target instanceof Element ? event.target.closest(selector) : null;
    if (found) run(event, found);
  });
}

export const typing = (target) =>
  target instanceof Element && Boolean(target.closest("input, textarea, select, [contenteditable]"));

export function setCookie(name, value) {
  document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=31536000; samesite=lax`;
}

export function csrfToken() {
  return JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";
}
