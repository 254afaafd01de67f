// Runs before the first paint: "auto" follows the system without a flash.
const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");

function apply() {
  const choice = root.dataset.themeChoice || "auto";
  const theme = choice === "auto" ? (dark.matches ? "dark" : "light") : choice;
  if (root.getAttribute("data-bs-theme") !== theme) {
    root.setAttribute("data-bs-theme", theme);
    root.dispatchEvent(new CustomEvent("themechange"));
  }
}

apply();
dark.addEventListener("change", apply);
root.addEventListener("themechoice", apply);
