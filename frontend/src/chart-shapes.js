// Shapes that ECharts has no series for, as plain data: {"type": "custom", "shape": "band" | "whisker" | "outline", …}.

/** Steps with an area: [from, to, low, high] each. */
function band(series) {
  const draw = (params, api) => {
    if (params.dataIndex) return undefined; // one outline for all steps: separate ones would show their seams
    const at = (x, y) => api.coord([x, y]);
    const above = series.data.flatMap(([from, to, , high]) => [at(from, high), at(to, high)]);
    const below = series.data.flatMap(([from, to, low]) => [at(from, low), at(to, low)]).reverse();
    return { type: "polygon", shape: { points: [...above, ...below] }, style: { fill: api.visual("color"), opacity: 0.11 } };
  };
  return { encode: { x: [0, 1], y: [2, 3] }, silent: true, clip: true, tooltip: { show: false }, z: 1, renderItem: draw };
}

/** An estimate with its interval: {value: [estimate, low, high, row]}. */
function whisker() {
  const draw = (params, api) => {
    const [estimate, low, high, row] = [0, 1, 2, 3].map((n) => api.value(n));
    const colour = api.visual("color");
    const [[x], [left, y], [right]] = [estimate, low, high].map((x) => api.coord([x, row]));
    const { x: start, width } = params.coordSys;
    const [from, to] = [Math.max(left, start), Math.min(right, start + width)];
    const line = (x1, y1, x2, y2) => ({ type: "line", shape: { x1, y1, x2, y2 }, style: { stroke: colour, lineWidth: 2 } });
    const cap = (place, end) => (place === end ? [line(end, y - 4, end, y + 4)] : []); // an interval that goes on has no cap
    return {
      type: "group",
      children: [
        line(from, y, to, y), ...cap(left, from), ...cap(right, to),
        { type: "rect", shape: { x: x - 4, y: y - 4, width: 8, height: 8, r: 1 }, style: { fill: colour } },
      ],
    };
  };
  return { encode: { x: [0, 1, 2], y: 3 }, renderItem: draw };
}

/** A tree as indented rows: {value: [row, depth, parent's row, share, leaf], name, note}; reads at any width. */
function outline(series, token) {
  const draw = (params, api) => {
    const [row, depth, parent, share, leaf] = [0, 1, 2, 3, 4].map((n) => api.value(n));
    const { name, note } = series.data[params.dataIndex];
    const { x: left, width } = params.coordSys;
    const step = Math.min(26, Math.max(12, width * 0.03));
    const middle = (n) => api.coord([0, n])[1];
    const half = Math.abs(api.size([0, 1])[1]) / 2;
    const [y, start] = [middle(row), left + depth * step];
    const bar = Math.min(260, Math.max(96, width * 0.3));
    const from = left + width - bar;
    const colour = token("--bh-chart-1");
    const text = (style) => ({ type: "text", style: { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12, ...style } });
    const elbow = parent < 0 ? [] : [{
      type: "polyline", style: { stroke: token("--bh-line-strong"), lineWidth: 1, fill: "none" },
      shape: { points: [[start - step + 4, middle(parent) + Math.min(half, 11)], [start - step + 4, y], [start - 4, y]] },
    }];
    return {
      type: "group",
      children: [
        ...elbow,
        text({ x: start, y, text: name, width: from - start - 10, overflow: "break", lineOverflow: "truncate", height: 2 * half - 2,
          lineHeight: 14, verticalAlign: "middle", fill: token(leaf ? "--bh-text" : "--bh-text-soft"), fontWeight: leaf ? 600 : 400 }),
        { type: "rect", shape: { x: from, y: y - 8, width: bar, height: 7, r: 2 }, style: { fill: token("--bh-surface-2") } },
        { type: "rect", shape: { x: from, y: y - 8, width: bar * share, height: 7, r: 2 }, style: { fill: colour, opacity: leaf ? 1 : 0.45 } },
        text({ x: from, y: y + 8, text: note, verticalAlign: "middle", fontSize: 11, fill: token("--bh-text-soft") }),
      ],
    };
  };
  return { encode: { y: 0, tooltip: [] }, renderItem: draw };
}

const shapes = { band, whisker, outline };

/** The series with the code that draws it; any other series as it is. */
export const shaped = (series, token) => (series.shape in shapes ? { ...series, ...shapes[series.shape](series, token) } : series);
