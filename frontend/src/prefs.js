// Theme, density and the folded navigation: remembered in cookies, so the server renders them next time.
import { $, $$, csrfToken, on, setCookie } from "./dom.js";

const root = document.documentElement;

function remember(name, value) {
  setCookie(name, value);
  const url = document.body.dataset.preferences;
  if (url) htmx.ajax("POST", url, { values: { [name]: value }, swap: "none" });
}

on("click", "[data-theme-set]", (_event, button) => {
  root.dataset.themeChoice = button.dataset.themeSet;
  check("[data-theme-set]", button);
  root.dispatchEvent(new CustomEvent("themechoice"));
  remember("theme", button.dataset.themeSet);
});

on("click", "[data-density-set]", (_event, button) => {
  root.dataset.density = button.dataset.densitySet;
  check("[data-density-set]", button);
  remember("density", button.dataset.densitySet);
});

function check(selector, chosen) {
  for (const one of $$(selector)) one.setAttribute("aria-checked", String(one === chosen));
}

// The form itself sets the cookie; this keeps the choice with the person.
on("submit", ".language", (event) => {
  const url = document.body.dataset.preferences;
  if (!url || !event.submitter) return;
  const body = new URLSearchParams({ language: event.submitter.value });
  fetch(url, { method: "POST", body, keepalive: true, headers: { "X-CSRFToken": csrfToken() } });
});

on("click", "[data-nav-fold]", (_event, button) => {
  const narrow = root.dataset.nav !== "narrow";
  if (narrow) root.dataset.nav = "narrow";
  else delete root.dataset.nav;
  button.setAttribute("aria-expanded", String(!narrow));
  setCookie("nav", narrow ? "narrow" : "wide");
  window.dispatchEvent(new Event("resize"));
});

/* Which groups were left open. The group of this page is open anyway, so only what is clicked is remembered. */
on("click", ".nav-group > summary", (_event, summary) => {
  const group = summary.parentElement, nav = $("#nav");
  const open = new Set(nav.dataset.open.split(".").filter(Boolean));
  if (group.open) open.delete(group.dataset.section);
  else open.add(group.dataset.section);
  nav.dataset.open = [...open].join(".");
  setCookie("nav_open", nav.dataset.open);
});

/* The navigation is longer than a screen: show where we are. */
const here = $("#nav .nav-line.active");
if (here) here.closest("#nav").scrollTop = here.offsetTop - here.closest("#nav").clientHeight / 2;

on("click", "button[data-nav-open]", (_event, button) => {
  const open = root.dataset.navOpen === undefined;
  if (open) root.dataset.navOpen = "";
  else delete root.dataset.navOpen;
  button.setAttribute("aria-expanded", String(open));
  if (open) $("#nav a")?.focus();
});

document.addEventListener("click", (event) => {
  if (root.dataset.navOpen !== undefined && !event.target.closest("#nav, button[data-nav-open]")) delete root.dataset.navOpen;
});

if (/Mac|iPhone|iPad/.test(navigator.platform)) {
  document.addEventListener("DOMContentLoaded", () => {
    for (const key of $$("[data-mod-key]")) key.textContent = "⌘ K";
  });
}
