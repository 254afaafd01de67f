// What every page with a diagram shares: our words for bpmn.io's, and the data that the server hands over.
import chinese from "bpmn-js-i18n/translations/zn.js";

export const data = JSON.parse(document.getElementById("diagram-data").textContent);

export const translating = {
  translate: ["value", (text, values = {}) => {
    const found = data.language.startsWith("zh") ? (chinese[text] ?? text) : text;
    return found.replace(/{([^}]+)}/g, (whole, name) => values[name] ?? whole);
  }],
};
