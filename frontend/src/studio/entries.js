// Entries of the properties panel that are bound to an attribute of one of our own elements.
import { CheckboxEntry, SelectEntry, TextFieldEntry, isCheckboxEntryEdited, isSelectEntryEdited, isTextFieldEntryEdited } from "@bpmn-io/properties-panel";
import { jsx } from "@bpmn-io/properties-panel/preact/jsx-runtime";
import { useService } from "bpmn-js-properties-panel";

function bound(Entry, { id, label, description, get, set, options, check }) {
  return function Bound({ element }) {
    const debounce = useService("debounceInput");
    const modeling = useService("modeling");
    const bpmnFactory = useService("bpmnFactory");
    return jsx(Entry, {
      id,
      element,
      label,
      description,
      debounce,
      getValue: () => get(element) ?? "",
      setValue: (value) => set(element, value, { modeling, bpmnFactory }),
      getOptions: () => options ?? [],
      validate: check,
    });
  };
}

export const text = (about) => ({ id: about.id, component: bound(TextFieldEntry, about), isEdited: isTextFieldEntryEdited });
export const choice = (about) => ({ id: about.id, component: bound(SelectEntry, about), isEdited: isSelectEntryEdited });
export const yesno = (about) => ({ id: about.id, component: bound(CheckboxEntry, about), isEdited: isCheckboxEntryEdited });
