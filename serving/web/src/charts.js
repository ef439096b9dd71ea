// Charts from the JSON beside them. Arrow keys move the cursor, and the values under it are read out.
import uPlot from "uplot";

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const LINES = ["--line-1", "--line-2", "--line-3", "--line-4"];

export function drawCharts(root) {
  for (const figure of root.querySelectorAll("figure[data-chart]")) {
    const source = figure.querySelector("script[type='application/json']");
    const data = JSON.parse(source.textContent);
    if (data.x.length > 0) draw(figure, data);
  }
}

function draw(figure, data) {
  const target = figure.querySelector(".plot");
  const readout = figure.querySelector("output");
  const chart = new uPlot(options(target, data), [data.x, ...columns(data)], target);
  figure.dataset.drawn = "true";
  new ResizeObserver(() => chart.setSize(size(target))).observe(target);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => location.reload());
  chart.root.addEventListener("mousemove", () => say(readout, data, chart.cursor.idx));
  target.addEventListener("keydown", (event) => step(event, chart, data, readout));
}

// A band is three columns (low, high, line); a plain line is one. Shares are drawn as what they come to together.
function columns(data) {
  if (data.stacked) return tops(data);
  return data.series.flatMap((line) => (line.low ? [line.low, line.high, line.values] : [line.values]));
}

function tops(data) {
  let below = data.x.map(() => 0);
  return data.series.map((line) => (below = line.values.map((value, place) => value + below[place])));
}

function options(target, data) {
  const series = [{}];
  const bands = [];
  data.series.forEach((line, number) => {
    const stroke = colour(LINES[number % LINES.length]);
    if (data.stacked) {
      if (number > 0) bands.push({ series: [number + 1, number], fill: `${stroke}66` });
      series.push({ label: line.title, stroke, width: 1.6, points: { show: true, size: 4 }, fill: number ? undefined : `${stroke}66` });
      return;
    }
    if (line.low) {
      const faint = { stroke: "transparent", points: { show: false }, spanGaps: false };
      bands.push({ series: [series.length + 1, series.length], fill: colour("--band") });
      series.push({ ...faint, label: "low" }, { ...faint, label: "high" });
    }
    series.push({ label: line.title, stroke, width: 1.6, points: { show: data.x.length < 40, size: 5 }, dash: line.dash });
  });
  return {
    ...size(target),
    series,
    bands,
    legend: { show: false },
    cursor: { y: false, drag: { x: true, y: false }, focus: { prox: 30 } },
    scales: { x: { time: data.time }, y: { range: range(data) } },
    axes: [axis({ space: 70, values: data.time ? moments(data.zone) : (_, ticks) => ticks.map(plain) }), axis({ size: 56, values: (_, ticks) => ticks.map(plain) })],
    hooks: { draw: [(chart) => drawLimits(chart, data), (chart) => data.stacked && nameShares(chart, data)] },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1e3), data.zone),
  };
}

const axis = (more) => ({
  stroke: colour("--muted"),
  grid: { stroke: colour("--grid"), width: 1 },
  ticks: { stroke: colour("--grid"), width: 1 },
  font: "12px system-ui, sans-serif",
  ...more,
});

// "2 Feb", or "2 Feb 14:00" once the distance of two ticks is less than a day.
function moments(zone) {
  const day = new Intl.DateTimeFormat("en-GB", { timeZone: zone, day: "numeric", month: "short" });
  const hour = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" });
  return (_, ticks, __, ___, distance) =>
    ticks.map((tick, number) => {
      const at = new Date(tick * 1e3);
      if (distance >= 86400) return day.format(at);
      const midnight = hour.format(at) === "00:00";
      return midnight || number === 0 ? `${day.format(at)} ${midnight ? "" : hour.format(at)}`.trim() : hour.format(at);
    });
}

const plain = (value) => (Math.abs(value) >= 1e5 ? value.toExponential(1) : String(Number(value.toPrecision(6))));
const size = (target) => ({ width: Math.max(target.clientWidth, 240), height: target.dataset.height ? Number(target.dataset.height) : 180 });

function range(data) {
  if (data.range) return () => data.range;
  return (chart, low, high) => {
    if (low === null || high === null) return [0, 1];
    const room = (high - low || Math.abs(high) || 1) * 0.08;
    return [low - room, high + room];
  };
}

function drawLimits(chart, data) {
  for (const limit of data.limits ?? []) {
    const y = Math.round(chart.valToPos(limit, "y", true));
    if (y < chart.bbox.top || y > chart.bbox.top + chart.bbox.height) continue;
    chart.ctx.save();
    chart.ctx.strokeStyle = colour("--act");
    chart.ctx.setLineDash([6, 5]);
    chart.ctx.beginPath();
    chart.ctx.moveTo(chart.bbox.left, y);
    chart.ctx.lineTo(chart.bbox.left + chart.bbox.width, y);
    chart.ctx.stroke();
    chart.ctx.restore();
  }
}

// Each share bears its name where it is widest, at the far end, if there is room for it; the room above is the rest.
function nameShares(chart, data) {
  const edges = [0, ...tops(data).map((top) => top.at(-1)), 100].map((edge) => chart.valToPos(edge, "y", true));
  const names = [...data.series.map((line) => line.title), data.rest];
  const { ctx, bbox } = chart;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.font = `${12 * ratio}px system-ui, sans-serif`;
  ctx.textAlign = "right";
  ctx.textBaseline = "middle";
  ctx.fillStyle = colour("--text");
  names.forEach((name, place) => {
    if (name && edges[place] - edges[place + 1] >= 15 * ratio) {
      ctx.fillText(name, bbox.left + bbox.width - 8 * ratio, (edges[place] + edges[place + 1]) / 2);
    }
  });
  ctx.restore();
}

function step(event, chart, data, readout) {
  const last = data.x.length - 1;
  const stride = event.shiftKey ? Math.max(1, Math.round(last / 20)) : 1;
  const from = chart.cursor.idx ?? last;
  const to = { ArrowLeft: from - stride, ArrowRight: from + stride, Home: 0, End: last }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const index = Math.min(Math.max(to, 0), last);
  chart.setCursor({ left: chart.valToPos(data.x[index], "x"), top: chart.over.clientHeight / 2 });
  say(readout, data, index);
}

function say(readout, data, index) {
  if (index === null || index === undefined) return;
  const where = data.time
    ? new Date(data.x[index] * 1e3).toLocaleString("en-GB", { timeZone: data.zone, dateStyle: "medium", timeStyle: "short" })
    : `${plain(data.x[index])} ${data.x_unit}`;
  const values = data.series.map((line) => {
    const value = line.values[index];
    const name = data.series.length > 1 ? `${line.title} ` : "";
    if (value === null || value === undefined) return `${name}no value`;
    const around = line.low && line.low[index] !== null ? ` (${plain(line.low[index])} to ${plain(line.high[index])})` : "";
    return `${name}${plain(value)}${around} ${data.unit}`;
  });
  if (data.stacked) {
    const together = data.series.reduce((sum, line) => sum + line.values[index], 0);
    values.push(`${data.rest} ${plain(Math.max(0, 100 - together))} ${data.unit}`);
  }
  readout.textContent = `${where}: ${values.join(", ")}`;
}
