// Tables of answers are sorted where they stand: a click on a title, again for the other way.
import { $$, on } from "./dom.js";

const text = new Intl.Collator(document.documentElement.lang || undefined, { numeric: true });

on("click", "[data-sort]", (_event, button) => {
  const head = button.closest("th");
  const table = button.closest("table");
  const column = [...head.parentElement.children].indexOf(head);
  const numbers = head.classList.contains("num");
  const now = head.getAttribute("aria-sort");
  const down = now ? now === "ascending" : numbers;
  for (const one of $$("th[aria-sort]", table)) one.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const value = (row) => row.children[column].dataset.value ?? "";
  const rows = $$("tbody > tr", table).sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x === "" || y === "") return (x === "") - (y === ""); // nothing stands last, either way
    return (numbers ? Number(x) - Number(y) : text.compare(x, y)) * (down ? -1 : 1);
  });
  table.tBodies[0].replaceChildren(...rows);
});
