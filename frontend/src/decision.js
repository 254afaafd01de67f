// The studio of a decision table.
import Modeler from "dmn-js/lib/Modeler";
import "dmn-js/dist/assets/diagram-js.css";
import "dmn-js/dist/assets/dmn-js-shared.css";
import "dmn-js/dist/assets/dmn-js-drd.css";
import "dmn-js/dist/assets/dmn-js-decision-table.css";
import "dmn-js/dist/assets/dmn-js-decision-table-controls.css";
import "dmn-js/dist/assets/dmn-js-literal-expression.css";
import "dmn-js/dist/assets/dmn-font/css/dmn.css";
import "./studio/studio.css";
import { data } from "./studio/canvas.js";
import { keeping } from "./studio/keeping.js";

const modeler = new Modeler({ container: "#canvas" });
const ready = modeler.importXML(data.xml).then(() => {
  const table = modeler.getViews().find((view) => view.type === "decisionTable");
  return table ? modeler.open(table) : null;
});
const current = (name) => modeler.getActiveViewer()?.get(name);

keeping({
  read: () => modeler.saveXML({ format: true }).then((found) => found.xml),
  changed: (tell) => ready.then(() => modeler.getActiveViewer()?.on("commandStack.changed", tell)),
  show: () => {},
  undo: () => current("commandStack")?.undo(),
  redo: () => current("commandStack")?.redo(),
});
