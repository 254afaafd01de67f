// Drafts are kept by themselves, and each time the server says what is wrong in them.
import { data } from "./canvas.js";

const WAIT = 4000;
const token = () => document.querySelector("meta[name=csrf-token]")?.content ?? document.querySelector("[name=csrfmiddlewaretoken]")?.value;

export function keeping({ read, changed, show, undo, redo }) {
  const state = document.getElementById("kept");
  const listed = document.getElementById("problems");
  let timer = 0;
  let open = false;
  let seen = data.seen;

  function say(text, kind = "") {
    state.textContent = text;
    state.dataset.kind = kind;
  }

  function list(problems) {
    listed.replaceChildren(...problems.map((one) => {
      const row = document.createElement("li");
      row.dataset.level = one.level;
      const about = document.createElement(one.element ? "button" : "span");
      about.textContent = one.text;
      if (one.element) {
        about.type = "button";
        about.className = "btn-link";
        about.addEventListener("click", () => show(one.element));
      }
      row.append(about);
      return row;
    }));
    if (!problems.length) {
      const row = document.createElement("li");
      row.dataset.level = "ok";
      row.textContent = data.said.no_problems;
      listed.append(row);
    }
  }

  async function keep() {
    clearTimeout(timer);
    say(data.said.keeping);
    const body = new FormData();
    body.set("xml", await read());
    body.set("seen", seen);
    try {
      const answer = await fetch(data.keep, { method: "POST", body, headers: { "X-CSRFToken": token(), Accept: "application/json" } });
      const found = await answer.json();
      if (!answer.ok) return say(found.detail ?? data.said.not_kept, "error");
      open = false;
      seen = found.seen;
      say(data.said.kept, "ok");
      list(found.problems);
    } catch {
      say(data.said.not_kept, "error");
    }
  }

  list(data.problems);
  changed(() => {
    open = true;
    say(data.said.changed);
    clearTimeout(timer);
    timer = setTimeout(keep, WAIT);
  });
  document.getElementById("keep")?.addEventListener("click", keep);
  document.getElementById("undo")?.addEventListener("click", undo);
  document.getElementById("redo")?.addEventListener("click", redo);
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") {
      event.preventDefault();
      keep();
    }
  });
  document.querySelectorAll("[data-keep-first]").forEach((link) => link.addEventListener("click", async (event) => {
    if (!open) return;
    event.preventDefault();
    await keep();
    if (!open) window.location.assign(link.href);
  }));
  window.addEventListener("beforeunload", (event) => {
    if (open) event.preventDefault();
  });
}
