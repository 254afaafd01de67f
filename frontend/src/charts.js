// Charts: an ECharts option from a JSON script, coloured by the theme, resized with its box.
import * as echarts from "echarts/core";
import { BarChart, CustomChart, GraphChart, HeatmapChart, LineChart, SankeyChart, ScatterChart } from "echarts/charts";
import {
  DataZoomComponent, GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent, TitleComponent,
  TooltipComponent, VisualMapComponent,
} from "echarts/components";
import { LabelLayout } from "echarts/features";
import { CanvasRenderer } from "echarts/renderers";
import { shaped } from "./chart-shapes.js";
import { $, $$, on, onContent, setCookie } from "./dom.js";

echarts.use([
  BarChart, CustomChart, GraphChart, HeatmapChart, LineChart, SankeyChart, ScatterChart, DataZoomComponent, GridComponent,
  LegendComponent, MarkAreaComponent, MarkLineComponent, TitleComponent, TooltipComponent, VisualMapComponent, LabelLayout, CanvasRenderer,
]);

const drawn = new Map();
const watch = new ResizeObserver((entries) => {
  for (const { target } of entries) drawn.get(target)?.resize();
});
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const still = matchMedia("(prefers-reduced-motion: reduce)");

function look() {
  const text = token("--bh-text-soft");
  const line = token("--bh-line");
  const axis = {
    axisLine: { lineStyle: { color: line } }, axisTick: { show: false }, axisLabel: { color: text, fontSize: 12, hideOverlap: true },
    splitLine: { lineStyle: { color: line } }, nameTextStyle: { color: text },
  };
  return { text, line, axis, colours: ["1", "2", "3", "4", "5", "6", "7", "8"].map((n) => token(`--bh-chart-${n}`)) };
}

const each = (value, run) => (Array.isArray(value) ? value.map(run) : value && run(value));

// Below this width parts of an option may give way to others: {"narrow": {"yAxis": …}}.
const NARROW = 520;

/** The option as it suits the width. */
export const fitted = ({ narrow, ...option }, width) => (narrow && width < NARROW ? { ...option, ...narrow } : option);

/** The option with the colours, letters and lines of the theme. */
export function dressed(option) {
  const { text, axis, colours } = look();
  const font = getComputedStyle(document.body).fontFamily;
  const withAxis = (kind) => (one) => ({
    ...axis, ...one,
    splitLine: one.splitLine ?? (one.type === "category" || kind === "x" ? { show: false } : axis.splitLine),
    axisLabel: { ...axis.axisLabel, ...one.axisLabel },
  });
  return {
    color: colours, textStyle: { fontFamily: font, color: text }, animation: !still.matches, animationDuration: 250,
    grid: option.xAxis ? { left: 8, right: 16, top: option.legend ? 36 : 16, bottom: 8, containLabel: true } : undefined,
    ...option,
    legend: option.legend && { icon: "roundRect", itemWidth: 10, itemHeight: 10, ...option.legend, textStyle: { color: text }, pageTextStyle: { color: text }, pageIconColor: text },
    tooltip: option.tooltip && {
      renderMode: "richText", confine: true, backgroundColor: token("--bh-surface"), borderColor: token("--bh-line"),
      textStyle: { color: token("--bh-text"), fontSize: 12 }, ...option.tooltip,
    },
    xAxis: each(option.xAxis, withAxis("x")),
    yAxis: each(option.yAxis, withAxis("y")),
    visualMap: option.visualMap && { inRange: { color: scale(option.visualMap.tones) }, ...option.visualMap },
    series: each(shown(option.series), (one) => shaped(tone(one, option.visualMap?.max), token)),
  };
}

// What happened on the days of a chart is a series of its own, without data; a reader may hide it.
const marksHidden = () => /(^|; )marks=off/.test(document.cookie);
const shown = (series) => (Array.isArray(series) && marksHidden() ? series.filter((one) => !one.marks) : series);

const scale = (tones = ["surface-2", "chart-1"]) => tones.map((name) => token(`--bh-${name}`));

// Options may name a meaning instead of a colour: {"tone": "red"} on a series or a datum.
function tone(series, most) {
  const colour = (one) => (one && typeof one === "object" && one.tone
    ? { ...one, itemStyle: { ...one.itemStyle, color: token(`--bh-${one.tone}`) }, lineStyle: { ...one.lineStyle, ...(series.type === "line" ? { color: token(`--bh-${one.tone}`) } : {}) } }
    : one);
  const dressedSeries = colour({ ...(series.type === "line" ? { smooth: false, lineStyle: { width: 2 }, symbolSize: 5 } : {}), ...series });
  if (Array.isArray(series.data)) dressedSeries.data = series.data.map(colour);
  if (Array.isArray(series.nodes)) dressedSeries.nodes = series.nodes.map(colour);
  if (Array.isArray(series.links)) {
    dressedSeries.links = series.links.map((one) => (one.tone ? { ...one, lineStyle: { ...one.lineStyle, color: token(`--bh-${one.tone}`) } } : one));
  }
  if (series.type === "heatmap") dressedSeries.data = series.data.map((one) => onCell(one, most));
  if (series.markLine) {
    dressedSeries.markLine = {
      ...series.markLine, lineStyle: { color: token("--bh-line-strong"), type: "dashed", width: 1 },
      label: { color: token("--bh-text-soft"), fontSize: 11, ...series.markLine.label },
    };
  }
  if (series.marks) {
    dressedSeries.markLine.lineStyle = { color: token("--bh-chart-4"), type: "solid", width: 1 };
    Object.assign(dressedSeries.markLine.label, { color: token("--bh-text"), backgroundColor: token("--bh-surface"), padding: [1, 3] });
    dressedSeries.markArea = { ...series.markArea, itemStyle: { color: token("--bh-chart-4"), opacity: 0.1 } };
  }
  if (series.type === "graph") {
    dressedSeries.lineStyle = { color: token("--bh-line-strong"), ...series.lineStyle };
    dressedSeries.edgeLabel = { color: token("--bh-text-soft"), ...series.edgeLabel };
    dressedSeries.itemStyle = { color: token("--bh-chart-1"), ...series.itemStyle };
  }
  if (series.type === "sankey") dressedSeries.label = { color: token("--bh-text"), ...series.label };
  if (series.areaStyle) dressedSeries.areaStyle = { opacity: 0.14, ...series.areaStyle };
  if (series.label) dressedSeries.label = { color: token("--bh-text"), ...series.label };
  return dressedSeries;
}

// A figure on a dark cell is light, on a light cell dark.
function onCell(one, most) {
  const pale = (one.itemStyle?.opacity ?? 1) < 1;
  const dark = Math.abs(one.value[2]) > 0.55 * most && !pale;
  return { ...one, label: { opacity: 1, ...one.label, color: token(dark ? "--bh-on-accent" : "--bh-text") } };
}

function mount(figure) {
  const canvas = $("[data-chart-canvas]", figure);
  if (!canvas || drawn.has(canvas)) return;
  const option = JSON.parse($('script[type="application/json"]', figure).textContent);
  const chart = echarts.init(canvas, null, { renderer: "canvas" });
  chart.setOption(dressed(fitted(option, canvas.clientWidth)));
  chart.on("click", ({ data }) => {
    if (data?.url) location.assign(data.url);
    else if (data?.behind && option.behind) location.assign(option.behind + encodeURIComponent(`list: ${data.behind}\n`));
  });
  drawn.set(canvas, chart);
  canvas.bihuanOption = option;
  watch.observe(canvas);
}

onContent((root) => {
  for (const figure of $$("[data-chart]", root)) mount(figure);
  if (root.matches?.("[data-chart]")) mount(root);
  for (const [canvas, chart] of drawn) {
    if (!canvas.isConnected) { watch.unobserve(canvas); chart.dispose(); drawn.delete(canvas); }
  }
});

function redraw() {
  for (const [canvas, chart] of drawn) chart.setOption(dressed(fitted(canvas.bihuanOption, canvas.clientWidth)), true);
}

document.documentElement.addEventListener("themechange", redraw);

function tellMarks(root) {
  for (const button of $$("[data-marks-toggle]", root)) button.setAttribute("aria-pressed", String(!marksHidden()));
}

onContent(tellMarks);
on("click", "[data-marks-toggle]", () => {
  setCookie("marks", marksHidden() ? "on" : "off");
  tellMarks(document.body);
  redraw();
});
