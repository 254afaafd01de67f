// A diagram to look at: marks on elements and flows, a click opens what lies behind.
import Viewer from "bpmn-js/lib/NavigatedViewer";
import "bpmn-js/dist/assets/bpmn-font/css/bpmn.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "bpmn-js/dist/assets/diagram-js.css";
import "./studio/diagram.css";
import { data, translating } from "./studio/canvas.js";

const viewer = new Viewer({ container: "#canvas", additionalModules: [translating] });
await viewer.importXML(inReadersLanguage(data.xml));
const canvas = viewer.get("canvas");
const known = viewer.get("elementRegistry");
fit();

for (const mark of data.marks ?? []) {
  if (!known.get(mark.element)) continue;
  canvas.addMarker(mark.element, `mark-${mark.kind}`);
  if (!mark.text) continue;
  const note = document.createElement("span");
  note.className = "diagram-note";
  note.dataset.kind = mark.kind;
  note.textContent = mark.text;
  note.title = mark.title ?? "";
  viewer.get("overlays").add(mark.element, { position: placeOf(known.get(mark.element)), html: note });
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
  known.forEach((one) => canvas.removeMarker(one, "mark-chosen"));
  canvas.addMarker(shape, "mark-chosen");
  canvas.scrollToElement(shape);
}));
document.getElementById("fit")?.addEventListener("click", fit);
document.getElementById("closer")?.addEventListener("click", () => viewer.get("zoomScroll").stepZoom(1));
document.getElementById("farther")?.addEventListener("click", () => viewer.get("zoomScroll").stepZoom(-1));
document.documentElement.dataset.diagram = "ready";

// On a step below it; on an arrow beside the middle of its longest part.
function placeOf(element) {
  if (!element.waypoints) return { bottom: 4, left: 0 };
  const lengths = element.waypoints.slice(1).map((end, n) => Math.hypot(end.x - element.waypoints[n].x, end.y - element.waypoints[n].y));
  const longest = lengths.indexOf(Math.max(...lengths));
  const [a, b] = element.waypoints.slice(longest, longest + 2);
  const left = Math.min(...element.waypoints.map((one) => one.x));
  const top = Math.min(...element.waypoints.map((one) => one.y));
  return { left: (a.x + b.x) / 2 - left - 12, top: (a.y + b.y) / 2 - top - 22 };
}

// Names as the reader calls them, where the drawing has them in Chinese too; what is edited keeps both.
function inReadersLanguage(xml) {
  if (!data.language.startsWith("zh")) return xml;
  const file = new DOMParser().parseFromString(xml, "application/xml");
  if (file.getElementsByTagName("parsererror").length) return xml;
  for (const one of file.querySelectorAll("[id]")) {
    const chinese = one.getAttributeNS("urn:bihuan:bpmn", "zh");
    if (chinese) one.setAttribute("name", chinese);
  }
  return new XMLSerializer().serializeToString(file);
}

// The whole drawing, with some air around it for what stands beside its outermost elements.
function fit() {
  canvas.zoom("fit-viewport", "auto");
  canvas.zoom(canvas.zoom() * 0.94, "auto");
}
