// The studio: draw a process, say who does what by when, see at once what cannot run.
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule } from "bpmn-js-properties-panel";
import Modeler from "bpmn-js/lib/Modeler";
import "bpmn-js/dist/assets/bpmn-font/css/bpmn.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "bpmn-js/dist/assets/diagram-js.css";
import "@bpmn-io/properties-panel/dist/assets/properties-panel.css";
import "./studio/studio.css";
import bihuan from "./studio/bihuan.json";
import { data, translating } from "./studio/canvas.js";
import { keeping } from "./studio/keeping.js";
import providerOf from "./studio/provider.js";

const modeler = new Modeler({
  container: "#canvas",
  propertiesPanel: { parent: "#properties" },
  additionalModules: [BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, providerOf(data), translating],
  moddleExtensions: { bihuan },
});
const ready = modeler.importXML(data.xml).then(() => modeler.get("canvas").zoom("fit-viewport", "auto"));

function show(element) {
  const shape = modeler.get("elementRegistry").get(element);
  if (!shape) return;
  modeler.get("selection").select(shape);
  modeler.get("canvas").scrollToElement(shape);
}

keeping({
  read: () => modeler.saveXML({ format: true }).then((found) => found.xml),
  changed: (tell) => ready.then(() => modeler.on("commandStack.changed", tell)),
  show,
  undo: () => modeler.get("commandStack").undo(),
  redo: () => modeler.get("commandStack").redo(),
});
