// The one dialog for htmx forms, dialogs cut from templates, and the question before what cannot be undone.
import { $, on } from "./dom.js";

const dialog = () => $("#dialog");

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === "dialog-body" && event.detail.target.innerHTML.trim() && !dialog().open) dialog().showModal();
  if (event.detail.target?.id === "dialog-body") focusFirst();
});

function focusFirst() {
  const first = $("[aria-invalid], [autofocus], input:not([type=hidden]), select, textarea", $("#dialog-body"));
  first?.focus();
}

document.addEventListener("dialog-close", () => dialog()?.open && dialog().close());

on("click", "[data-dialog-close]", (_event, button) => button.closest("dialog")?.close());
on("click", "dialog", (event, box) => event.target === box && box.id !== "confirm" && !typed(box) && box.close());

const typed = (box) => [...box.querySelectorAll("input:not([type=hidden]), textarea")].some((e) => e.value !== e.defaultValue);

on("click", "[data-dialog-from]", (_event, button) => {
  const source = $(button.dataset.dialogFrom);
  $("#dialog-body").replaceChildren(source.content.cloneNode(true));
  htmx.process($("#dialog-body"));
  document.dispatchEvent(new CustomEvent("dialog-cut"));
  dialog().showModal();
  focusFirst();
});

on("click", "[data-help-open]", () => $("#help")?.showModal());

/** Ask; resolves to whether the reader goes on. */
export function ask(text) {
  const box = $("#confirm");
  $("#confirm-text").textContent = text;
  box.showModal();
  return new Promise((resolve) => {
    const answer = (event) => {
      const button = event.target.closest?.("[data-confirm]");
      if (event.type === "click" && !button) return;
      box.removeEventListener("click", answer);
      box.removeEventListener("close", answer);
      if (box.open) box.close();
      resolve(button?.dataset.confirm === "yes");
    };
    box.addEventListener("click", answer);
    box.addEventListener("close", answer);
  });
}

document.addEventListener("htmx:confirm", (event) => {
  const text = event.detail.triggeringEvent?.submitter?.dataset.ask || event.detail.question;
  if (!text) return;
  event.preventDefault();
  ask(text).then((yes) => yes && event.detail.issueRequest(true));
});

document.addEventListener("submit", (event) => {
  const text = event.submitter?.dataset.ask || event.target.dataset.ask;
  if (!text || event.target.hasAttribute("hx-post") || event.target.dataset.asked) return;
  event.preventDefault();
  ask(text).then((yes) => {
    if (!yes) return;
    event.target.dataset.asked = "1";
    event.target.requestSubmit(event.submitter ?? undefined);
  });
});

// A form on a page of its own does not lose what was typed by a careless click.
let dirty = false;
on("input", "form[data-guard]", () => { dirty = true; });
on("submit", "form[data-guard]", (event) => { dirty = Boolean(event.submitter?.hasAttribute("data-goes-on")); });

on("click", "[data-print]", () => window.print());

window.addEventListener("beforeunload", (event) => dirty && event.preventDefault());
