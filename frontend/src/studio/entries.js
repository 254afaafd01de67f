// Entries of the properties panel that are bound to an attribute of one of our own elements. The components are made once:
// a new function each time would be a new field each time, and take the focus away from whoever types.
import { CheckboxEntry, SelectEntry, TextFieldEntry, isCheckboxEntryEdited, isSelectEntryEdited, isTextFieldEntryEdited } from "@bpmn-io/properties-panel";
import { jsx } from "@bpmn-io/properties-panel/preact/jsx-runtime";
import { useService } from "bpmn-js-properties-panel";

function bound(Entry) {
  return function Bound({ element, id, label, description, get, set, options, check }) {
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

const Text = bound(TextFieldEntry);
const Choice = bound(SelectEntry);
const YesNo = bound(CheckboxEntry);

export const text = (about) => ({ ...about, component: Text, isEdited: isTextFieldEntryEdited });
export const choice = (about) => ({ ...about, component: Choice, isEdited: isSelectEntryEdited });
export const yesno = (about) => ({ ...about, component: YesNo, isEdited: isCheckboxEntryEdited });
