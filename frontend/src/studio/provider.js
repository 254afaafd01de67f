// What our platform adds to the properties of a step: who, by when, form, check-list, automatic step, decision.
import { ListGroup } from "@bpmn-io/properties-panel";
import { choice, text, yesno } from "./entries.js";
import { add, drop, read, write } from "./own.js";

const HUMAN = ["bpmn:UserTask", "bpmn:ManualTask", "bpmn:Task"];
const MESSAGES = ["bpmn:ReceiveTask", "bpmn:SendTask"];

export default function providerOf({ said, roles, steps, decisions, processes }) {
  const spans = (value) => (!value || /^\s*(\d+(\.\d+)?\s*d)?\s*(\d+(\.\d+)?\s*h)?\s*(\d+(\.\d+)?\s*m)?\s*$/.test(value) ? null : said.span);
  const named = (rows, none = said.none) => [{ value: "", label: none }, ...rows.map(([value, label]) => ({ value, label }))];

  const of = (type, key, about) => ({
    id: `bihuan-${type}-${key}`,
    label: said[key] ?? key,
    get: (element) => read(element, type)?.get(key),
    set: (element, value, services) => write(element, type, { [key]: value === "" ? undefined : value }, services),
    ...about,
  });

  const ofRow = (row, prefix, key, about = {}) => ({
    id: `${prefix}-${key}`,
    label: said[key] ?? key,
    get: () => row.get(key),
    set: (element, value, { modeling }) => modeling.updateModdleProperties(element, row, { [key]: value === "" ? undefined : value }),
    ...about,
  });

  const chinese = {
    id: "bihuan-zh",
    label: said.zh,
    get: (element) => element.businessObject.get("bihuan:zh"),
    set: (element, value, { modeling }) => modeling.updateProperties(element, { "bihuan:zh": value || undefined }),
  };

  function who() {
    const kinds = [["owner", said.owner], ["starter", said.starter]];
    return {
      id: "bihuan-who",
      label: said.who,
      entries: [
        choice(of("bihuan:Work", "role", { options: named(roles) })),
        choice(of("bihuan:Work", "assign", { options: named(kinds, said.queue) })),
        text(of("bihuan:Work", "approval", { description: said.approval_help })),
        text(of("bihuan:Work", "approvers", { description: said.approvers_help })),
        yesno(of("bihuan:Work", "inOrder")),
        yesno(of("bihuan:Work", "signature")),
        text(of("bihuan:Work", "gate", { description: said.gate_help })),
      ],
    };
  }

  // Whose calendar counts: that which holds, every hour, a role's, or, by key, a customer's.
  function clocks(entry) {
    const kept = (element) => entry.get(element) ?? "";
    const key = (value) => (value.startsWith("account:") ? value.slice("account:".length) : "");
    const fixed = [{ value: "", label: said.service_time }, { value: "wall", label: said.wall }];
    const ofRoles = roles.map(([role, label]) => ({ value: `role:${role}`, label: said.of_role.replace("%s", label) }));
    return [
      choice({ ...entry, get: (element) => (key(kept(element)) ? "" : kept(element)), options: [...fixed, ...ofRoles] }),
      text({
        ...entry, id: `${entry.id}-of`, label: said.of_account, description: said.of_account_help, get: (element) => key(kept(element)),
        set: (element, value, services) => entry.set(element, value ? `account:${value.trim()}` : "", services),
      }),
    ];
  }

  function when() {
    return {
      id: "bihuan-when",
      label: said.when,
      entries: [
        text(of("bihuan:Work", "limit", { description: said.limit_help, check: spans })),
        ...clocks(of("bihuan:Work", "calendar")),
        text(of("bihuan:Work", "remind", { check: spans })),
        choice(of("bihuan:Work", "escalateTo", { options: named(roles) })),
        text(of("bihuan:Work", "escalateAfter", { check: spans })),
        text(of("bihuan:Work", "effort", { description: said.effort_help, check: spans })),
      ],
    };
  }

  function listed(id, label, element, holder, list, type, fresh, rows, injector) {
    const services = () => ({ modeling: injector.get("modeling"), bpmnFactory: injector.get("bpmnFactory") });
    return {
      id,
      label,
      component: ListGroup,
      add: (event) => {
        event.stopPropagation();
        add(element, holder, list, type, fresh(), services());
      },
      items: (read(element, holder)?.get(list) ?? []).map((row, number) => ({
        id: `${id}-${number}`,
        label: row.get("title") || row.get("name") || said.unnamed,
        entries: rows(row, `${id}-${number}`),
        autoFocusEntry: `${id}-${number}-title`,
        remove: (event) => {
          event.stopPropagation();
          drop(element, holder, list, row, services());
        },
      })),
    };
  }

  const choices = (row, prefix, factory) => ({
    id: `${prefix}-choices`,
    label: said.choices,
    description: said.choices_help,
    get: () => (row.get("choices") ?? []).map((one) => [one.value, one.title, one.zh].filter(Boolean).join("=")).join("; "),
    set: (element, value, { modeling, bpmnFactory }) => {
      const rows = (value ?? "").split(/[;;]/).map((one) => one.trim()).filter(Boolean).map((one) => {
        const [key, title, zh] = one.split("=").map((part) => part.trim());
        const made = bpmnFactory.create("bihuan:Choice", { value: key, title: title ?? key, zh });
        made.$parent = row;
        return made;
      });
      modeling.updateModdleProperties(element, row, { choices: rows });
    },
  });

  function form(element, injector) {
    const kinds = Object.entries(said.kinds).map(([value, label]) => ({ value, label }));
    return listed("bihuan-form", said.form, element, "bihuan:Form", "fields", "bihuan:Field", () => ({ name: said.field_name, title: said.field, kind: "text" }),
      (row, prefix) => [
        text(ofRow(row, prefix, "title")), text(ofRow(row, prefix, "zh")), text(ofRow(row, prefix, "name", { description: said.name_help })),
        choice(ofRow(row, prefix, "kind", { options: kinds })), yesno(ofRow(row, prefix, "required")),
        ...(["choice", "choices"].includes(row.get("kind")) ? [text(choices(row, prefix))] : []),
        text(ofRow(row, prefix, "least")), text(ofRow(row, prefix, "most")), text(ofRow(row, prefix, "help")), text(ofRow(row, prefix, "helpZh")),
      ], injector);
  }

  function checks(element, injector) {
    return listed("bihuan-checks", said.checklist, element, "bihuan:Checklist", "checks", "bihuan:Check", () => ({ title: said.check }),
      (row, prefix) => [text(ofRow(row, prefix, "title")), text(ofRow(row, prefix, "zh")), yesno(ofRow(row, prefix, "required"))], injector);
  }

  function step(element, injector) {
    const pair = (row, prefix) => [text(ofRow(row, prefix, "name")), text(ofRow(row, prefix, "value", { description: said.cel }))];
    return [
      { id: "bihuan-step", label: said.step, entries: [choice(of("bihuan:Step", "name", { label: said.step, options: named(steps) }))] },
      listed("bihuan-inputs", said.inputs, element, "bihuan:Step", "inputs", "bihuan:Input", () => ({ name: "name", value: "" }), pair, injector),
      listed("bihuan-outputs", said.outputs, element, "bihuan:Step", "outputs", "bihuan:Output", () => ({ name: "name", value: "" }), pair, injector),
    ];
  }

  function decision() {
    return {
      id: "bihuan-decision",
      label: said.decision,
      entries: [choice(of("bihuan:Decision", "table", { options: named(decisions) })), text(of("bihuan:Decision", "into", { description: said.into_help }))],
    };
  }

  function timed(definition) {
    return {
      id: "bihuan-timed",
      label: said.when,
      entries: clocks({
        id: "bihuan-timed-calendar", label: said.calendar, get: () => definition.get("bihuan:calendar") ?? "wall",
        set: (element, value, { modeling }) => modeling.updateModdleProperties(element, definition, { "bihuan:calendar": value }),
      }),
    };
  }

  function correlated(holder) {
    return {
      id: "bihuan-told",
      label: said.message,
      entries: [text({
        id: "bihuan-correlate", label: said.correlate, description: said.correlate_help, get: () => holder.get("bihuan:correlate"),
        set: (element, value, { modeling }) => modeling.updateModdleProperties(element, holder, { "bihuan:correlate": value || undefined }),
      })],
    };
  }

  function condition(flow) {
    const source = flow.sourceRef;
    return {
      id: "bihuan-condition",
      label: said.condition,
      entries: [
        text({
          id: "bihuan-condition-rule", label: said.condition, description: said.condition_help,
          get: () => flow.get("conditionExpression")?.get("body"),
          set: (element, value, { modeling, bpmnFactory }) => {
            const expression = value ? bpmnFactory.create("bpmn:FormalExpression", { body: value }) : undefined;
            modeling.updateProperties(element, { conditionExpression: expression });
          },
        }),
        yesno({
          id: "bihuan-condition-default", label: said.is_default, get: () => source.get("default") === flow,
          set: (element, value, { modeling }) => {
            if (value) modeling.updateProperties(element, { conditionExpression: undefined });
            modeling.updateProperties(element.source, { default: value ? flow : undefined });
          },
        }),
      ],
    };
  }

  function called(about) {
    return {
      id: "bihuan-called",
      label: said.called,
      entries: [choice({
        id: "bihuan-called-process", label: said.process, options: named(processes), get: () => about.get("calledElement"),
        set: (element, value, { modeling }) => modeling.updateProperties(element, { calledElement: value || undefined }),
      })],
    };
  }

  function many(loop) {
    const of = (key, label, description) => text({
      id: `bihuan-many-${key}`, label, description, get: () => loop.get(`bihuan:${key}`),
      set: (element, value, { modeling }) => modeling.updateModdleProperties(element, loop, { [`bihuan:${key}`]: value || undefined }),
    });
    return { id: "bihuan-many", label: said.many, entries: [of("over", said.over, said.over_help), of("item", said.item, said.item_help)] };
  }

  class Provider {
    constructor(propertiesPanel, injector) {
      this.injector = injector;
      propertiesPanel.registerProvider(400, this);
    }

    getGroups(element) {
      const about = element.businessObject;
      const is = (...types) => types.some((type) => about.$instanceOf(type));
      const definition = (about.get?.("eventDefinitions") ?? [])[0];
      return (groups) => {
        const general = groups.find((group) => group.id === "general");
        if (general && is("bpmn:FlowElement", "bpmn:Lane", "bpmn:Process")) general.entries.splice(1, 0, text(chinese));
        const own = [];
        if (HUMAN.includes(about.$type)) own.push(who(), when(), form(element, this.injector), checks(element, this.injector));
        if (about.$type === "bpmn:StartEvent") own.push(form(element, this.injector));
        if (is("bpmn:ServiceTask", "bpmn:SendTask")) own.push(...step(element, this.injector));
        if (is("bpmn:BusinessRuleTask")) own.push(decision());
        if (is("bpmn:SequenceFlow") && ["bpmn:ExclusiveGateway", "bpmn:InclusiveGateway"].includes(about.sourceRef?.$type)) own.push(condition(about));
        if (about.$type === "bpmn:CallActivity") own.push(called(about));
        const loop = about.get?.("loopCharacteristics");
        if (loop?.$type === "bpmn:MultiInstanceLoopCharacteristics") own.push(many(loop));
        if (is("bpmn:Lane")) {
          own.push({ id: "bihuan-lane", label: said.who, entries: [choice({
            id: "bihuan-lane-role", label: said.role, options: named(roles), get: () => about.get("bihuan:role"),
            set: (one, value, { modeling }) => modeling.updateProperties(one, { "bihuan:role": value || undefined }),
          })] });
        }
        if (definition?.$type === "bpmn:TimerEventDefinition") own.push(timed(definition));
        if (definition?.$type === "bpmn:MessageEventDefinition") own.push(correlated(definition));
        if (MESSAGES.includes(about.$type)) own.push(correlated(about));
        const at = groups.findIndex((group) => group.id === "documentation");
        groups.splice(at < 0 ? 1 : at, 0, ...own);
        return groups;
      };
    }
  }
  Provider.$inject = ["propertiesPanel", "injector"];
  return { __init__: ["bihuanProvider"], bihuanProvider: ["type", Provider] };
}
