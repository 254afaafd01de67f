// Menus: a button and a list beside it. Arrow keys move, Escape closes and gives the focus back.
import { $, $$, on } from "./dom.js";

const items = (menu) => $$("a, button, input:not([type=hidden]), select", $(".menu-list", menu)).filter((e) => !e.disabled);

function open(menu, isOpen) {
  const button = $("[data-menu-button]", menu);
  $(".menu-list", menu).hidden = !isOpen;
  button.setAttribute("aria-expanded", String(isOpen));
}

function closeOthers(kept) {
  for (const menu of $$("[data-menu]")) if (menu !== kept && !$(".menu-list", menu).hidden) open(menu, false);
}

on("click", "[data-menu-button]", (event, button) => {
  const menu = button.closest("[data-menu]");
  const willOpen = $(".menu-list", menu).hidden;
  closeOthers(menu);
  open(menu, willOpen);
  if (willOpen && event.detail === 0) items(menu)[0]?.focus();
});

document.addEventListener("click", (event) => closeOthers(event.target.closest?.("[data-menu]")));

on("click", '[role="menu"] button, [role="menu"] a', (_event, item) => {
  const menu = item.closest("[data-menu]");
  if (menu) setTimeout(() => open(menu, false));
});

on("keydown", "[data-menu]", (event, menu) => {
  const list = $(".menu-list", menu);
  if (event.key === "Escape" && !list.hidden) {
    open(menu, false);
    $("[data-menu-button]", menu).focus();
    event.stopPropagation();
  }
  if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !event.target.matches("select, input:not([type=checkbox])")) {
    event.preventDefault();
    if (list.hidden) open(menu, true);
    const all = items(menu);
    const next = all.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    all[(next + all.length) % all.length]?.focus();
  }
});
