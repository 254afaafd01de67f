// Our own extension elements of a diagram element: read, and written so that every change can be undone.
export function read(element, type) {
  const values = element.businessObject.get("extensionElements")?.get("values") ?? [];
  return values.find((one) => one.$type === type);
}

export function ensured(element, type, { modeling, bpmnFactory }) {
  const about = element.businessObject;
  let extension = about.get("extensionElements");
  if (!extension) {
    extension = bpmnFactory.create("bpmn:ExtensionElements", { values: [] });
    extension.$parent = about;
    modeling.updateModdleProperties(element, about, { extensionElements: extension });
  }
  let own = read(element, type);
  if (!own) {
    own = bpmnFactory.create(type);
    own.$parent = extension;
    modeling.updateModdleProperties(element, extension, { values: [...extension.get("values"), own] });
  }
  return own;
}

export function write(element, type, changes, services) {
  services.modeling.updateModdleProperties(element, ensured(element, type, services), changes);
}

export function add(element, holder, list, type, attributes, services) {
  const own = ensured(element, holder, services);
  const row = services.bpmnFactory.create(type, attributes);
  row.$parent = own;
  services.modeling.updateModdleProperties(element, own, { [list]: [...(own.get(list) ?? []), row] });
}

export function drop(element, holder, list, row, services) {
  const own = read(element, holder);
  services.modeling.updateModdleProperties(element, own, { [list]: own.get(list).filter((one) => one !== row) });
}
