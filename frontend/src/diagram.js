// A diagram to look at: marks on elements and flows, a click opens what lies behind.
import Viewer from "bpmn-js/lib/NavigatedViewer";
import "bpmn-js/dist/assets/bpmn-font/css/bpmn.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "bpmn-js/dist/assets/diagram-js.css";
import "./studio/diagram.css";
import { data, translating } from "./studio/canvas.js";

const viewer = new Viewer({ container: "#canvas", additionalModules: [translating] });
await viewer.importXML(data.xml);
const canvas = viewer.get("canvas");
const known = viewer.get("elementRegistry");
canvas.zoom("fit-viewport", "auto");

for (const mark of data.marks ?? []) {
  if (!known.get(mark.element)) continue;
  canvas.addMarker(mark.element, `mark-${mark.kind}`);
  if (!mark.text) continue;
  const note = document.createElement("span");
  note.className = "diagram-note";
  note.dataset.kind = mark.kind;
  note.textContent = mark.text;
  note.title = mark.title ?? "";
  viewer.get("overlays").add(mark.element, { position: { bottom: 4, left: 0 }, html: note });
}
viewer.on("element.click", ({ element }) => {
  const row = document.querySelector(`[data-element="${CSS.escape(element.id)}"]`);
  document.querySelectorAll("[data-element].is-chosen").forEach((one) => one.classList.remove("is-chosen"));
  row?.classList.add("is-chosen");
  row?.scrollIntoView({ block: "nearest" });
});
document.querySelectorAll("[data-element]").forEach((row) => row.addEventListener("click", () => {
  const shape = known.get(row.dataset.element);
  if (!shape) return;
  document.querySelectorAll(".djs-element.mark-chosen").forEach(() => {});
  known.forEach((one) => canvas.removeMarker(one, "mark-chosen"));
  canvas.addMarker(shape, "mark-chosen");
  canvas.scrollToElement(shape);
}));
document.getElementById("fit")?.addEventListener("click", () => canvas.zoom("fit-viewport", "auto"));
document.getElementById("closer")?.addEventListener("click", () => viewer.get("zoomScroll").stepZoom(1));
document.getElementById("farther")?.addEventListener("click", () => viewer.get("zoomScroll").stepZoom(-1));
document.documentElement.dataset.diagram = "ready";
