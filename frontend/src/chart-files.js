// A chart as a file: drawn once more beside the page, with the title and the definition of its answer under it.
import * as echarts from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { $, $$, on } from "./dom.js";
import { dressed, fitted } from "./charts.js";

echarts.use([SVGRenderer]);

const WIDTH = 1120;
const PER_LINE = 150;

// Chinese characters are twice as wide as Latin ones.
const wide = (letter) => (letter.charCodeAt(0) > 0x2e7f ? 2 : 1);

function lines(text) {
  const found = [""];
  let used = 0;
  for (const letter of text) {
    used += wide(letter);
    if (used > PER_LINE) { found.push(""); used = wide(letter); }
    found[found.length - 1] += letter;
  }
  return found;
}

function paper(canvas, answer) {
  const notes = lines(answer.dataset.definition);
  const head = 34;
  const foot = 18 * notes.length + 16;
  const height = canvas.clientHeight + head + foot;
  const option = dressed(fitted(canvas.bihuanOption, WIDTH));
  const colour = getComputedStyle(document.body).color;
  const within = (part) => part && { ...part, top: (typeof part.top === "number" ? part.top : 0) + head, bottom: (typeof part.bottom === "number" ? part.bottom : 0) + foot };
  const moved = {
    ...option, animation: false, backgroundColor: getComputedStyle($(".card")).backgroundColor, grid: Array.isArray(option.grid) ? option.grid.map(within) : within(option.grid),
    legend: option.legend && { ...option.legend, top: head },
    series: option.series.map((one) => (option.xAxis ? one : within(one))),
    title: [
      { text: answer.dataset.title, left: 8, top: 6, textStyle: { fontSize: 15, fontWeight: 600, color: colour } },
      { text: notes.join("\n"), left: 8, bottom: 6, textStyle: { fontSize: 11, fontWeight: 400, lineHeight: 18, color: option.textStyle.color } },
    ],
  };
  return { option: moved, height };
}

function drawn(canvas, answer, type) {
  const { option, height } = paper(canvas, answer);
  if (type === "svg") {
    const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height });
    chart.setOption(option);
    const blob = new Blob([chart.renderToSVGString()], { type: "image/svg+xml" });
    chart.dispose();
    return Promise.resolve(blob);
  }
  const board = document.createElement("div");
  const chart = echarts.init(board, null, { renderer: "canvas", width: WIDTH, height, devicePixelRatio: 2 });
  chart.setOption(option);
  const picture = chart.renderToCanvas({ pixelRatio: 2 });
  return new Promise((resolve) => picture.toBlob((blob) => { chart.dispose(); resolve(blob); }, "image/png"));
}

on("click", "[data-chart-save]", async (_event, button) => {
  const answer = button.closest("[data-answer]");
  const type = button.dataset.chartSave;
  for (const [place, canvas] of $$("[data-chart-canvas]", answer).entries()) {
    const blob = await drawn(canvas, answer, type);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${answer.dataset.answer}${place ? `-${place + 1}` : ""}.${type}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }
});
