"""What a new process or decision table begins with."""

from xml.sax.saxutils import quoteattr

_BPMN = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
 xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI"
 xmlns:bihuan="urn:bihuan:bpmn" id="definitions" targetNamespace="urn:bihuan">
  <bpmn:process id={key} name={name} isExecutable="true">
    <bpmn:startEvent id="start" />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="diagram">
    <bpmndi:BPMNPlane id="plane" bpmnElement={key}>
      <bpmndi:BPMNShape id="start_shape" bpmnElement="start">
        <dc:Bounds x="180" y="160" width="36" height="36" />
      </bpmndi:BPMNShape>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""

_DMN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="definitions" name={name} namespace="urn:bihuan">
  <decision id={key} name={name}>
    <decisionTable id="table" hitPolicy="FIRST">
      <input id="input_1" label="Tier">
        <inputExpression id="expression_1" typeRef="string"><text>account.tier</text></inputExpression></input>
      <output id="output_1" label="Level" name="level" typeRef="string" />
      <rule id="rule_1"><inputEntry id="in_1"><text>"S"</text></inputEntry>
        <outputEntry id="out_1"><text>"high"</text></outputEntry></rule>
      <rule id="rule_2"><inputEntry id="in_2"><text></text></inputEntry>
        <outputEntry id="out_2"><text>"normal"</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>
"""


def blank(*, kind: str, key: str, name: str) -> str:
    """A diagram with a start, or a table with two rows."""
    text = _DMN if kind == "decision" else _BPMN
    return text.format(key=quoteattr(key), name=quoteattr(name))
