// A panel that fails to load says so and offers another try; its height stays.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status >= 400) event.detail.shouldSwap = false;
});

for (const type of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(type, (event) => {
    const inside = event.detail.elt.closest?.(".panel-inside");
    if (!inside) return;
    const text = document.createElement("p");
    text.className = "panel-failed";
    text.textContent = inside.dataset.failed;
    const again = document.createElement("button");
    again.type = "button";
    again.className = "btn";
    again.textContent = inside.dataset.again;
    again.addEventListener("click", () =>
      htmx.ajax("GET", inside.getAttribute("hx-get"), { target: inside, swap: "innerHTML", source: inside }));
    inside.replaceChildren(text, again);
  });
}
