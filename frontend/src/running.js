// A question that takes long: after a moment its place shows how far it is, and a button that ends it.
// [data-running] names that place by a selector; with no selector it is the element itself.
import { $, csrfToken } from "./dom.js";

const PATIENCE_MS = 700;
const EVERY_MS = 500;
const underWay = new Map();

const newName = () => [...crypto.getRandomValues(new Uint8Array(12))].map((n) => n.toString(16).padStart(2, "0")).join("");
const address = (name, rest = "") => `${$("#running-look").dataset.url}${name}/${rest}`;

document.addEventListener("htmx:configRequest", (event) => {
  const asking = event.detail.elt.closest("[data-running]");
  if (asking) event.detail.parameters.running = newName();
});

document.addEventListener("htmx:beforeSend", (event) => {
  const asking = event.detail.elt.closest("[data-running]");
  const name = event.detail.requestConfig.parameters.running;
  if (!asking || !name) return;
  const place = asking.dataset.running ? $(asking.dataset.running) : asking;
  const one = { name, place, began: performance.now(), timer: 0, look: null };
  one.timer = setTimeout(() => show(one), PATIENCE_MS);
  underWay.set(event.detail.xhr, one);
});

document.addEventListener("htmx:afterRequest", (event) => end(event.detail.xhr));
window.addEventListener("pagehide", () => {
  for (const { name } of underWay.values()) {
    const data = new FormData();
    data.append("csrfmiddlewaretoken", csrfToken());
    navigator.sendBeacon(address(name, "stop/"), data);
  }
});

function end(xhr) {
  const one = underWay.get(xhr);
  if (!one) return;
  underWay.delete(xhr);
  clearTimeout(one.timer);
  one.ended = true;
  one.look?.remove();
  one.place?.removeAttribute("aria-busy");
}

function show(one) {
  if (!one.place?.isConnected || !$("#running-look")) return;
  one.look = $("#running-look").content.firstElementChild.cloneNode(true);
  one.place.prepend(one.look);
  one.place.setAttribute("aria-busy", "true");
  const stop = $("button", one.look);
  stop.addEventListener("click", () => {
    stop.disabled = true;
    fetch(address(one.name, "stop/"), { method: "POST", headers: { "X-CSRFToken": csrfToken() } });
  });
  look(one);
}

async function look(one) {
  if (one.ended) return;
  const seconds = $("[data-seconds]", one.look);
  seconds.textContent = `${Math.round((performance.now() - one.began) / 1000)} ${seconds.dataset.seconds}`;
  try {
    const answer = await fetch(address(one.name), { headers: { Accept: "application/json" } });
    const { progress } = await answer.json();
    const bar = $("progress", one.look);
    if (typeof progress === "number") bar.value = progress;
    else bar.removeAttribute("value");
  } catch {
    // the next look may succeed; the answer itself tells when the server is gone
  }
  one.timer = setTimeout(() => look(one), EVERY_MS);
}

/** A question over many events is asked by the page once it is there, so that its progress can be seen. */
function askNow() {
  const form = $("form[data-ask-now]");
  form?.requestSubmit($("button[value=ask]", form));
}
window.addEventListener("load", askNow);
