// Charts of a result as SVG text, drawn by ECharts without a browser.
import { type EChartsOption, init } from 'echarts';
import { medianOf } from '../measure/statistics.ts';
import { timesFloorGoal } from './goals.ts';
import type { GrowthRun, TableRun } from './result.ts';
import { ENGINE_TITLE, type PairSummary } from './summary.ts';

const WIDTH = 900;
const COLOUR = { ferrow: '#1f6feb', floor: '#8b949e', rival: '#d4a72c', wrong: '#e5b5b5', goal: '#cf222e' };
const FONT = 'system-ui, sans-serif';

function svg(option: EChartsOption, height: number): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  chart.setOption({ animation: false, textStyle: { fontFamily: FONT }, ...option });
  const text = chart.renderToSVGString();
  chart.dispose();
  return text;
}

/** Ferrow's time by the floor's, with the least and the most of the rounds, and the goal. */
export function floorChart(table: TableRun, summaries: readonly PairSummary[]): string {
  const names = summaries.map(({ name }) => name);
  return svg(
    {
      title: {
        text: 'Ferrow’s time by the floor’s (1 = the engines alone)',
        left: 0,
        textStyle: { fontSize: 14 },
      },
      legend: { top: 0, right: 0, itemGap: 24 },
      grid: { left: 170, right: 40, top: 40, bottom: 30 },
      xAxis: { type: 'value', min: 0 },
      yAxis: { type: 'category', data: names, inverse: true },
      series: [
        {
          name: 'Ferrow',
          type: 'bar',
          itemStyle: { color: COLOUR.ferrow },
          data: summaries.map(({ timesFloor }) => round(timesFloor.median)),
          label: { show: true, position: 'right' },
          markLine: {
            symbol: 'none',
            lineStyle: { color: COLOUR.floor },
            label: { show: false },
            data: [{ xAxis: 1 }],
          },
        },
        {
          name: 'least and most',
          type: 'custom',
          itemStyle: { color: '#24292f' },
          data: summaries.map(({ timesFloor }, at) => [timesFloor.min, timesFloor.max, at]),
          encode: { x: [0, 1], y: 2 },
          renderItem: (_, api) => {
            const [from, y] = api.coord([api.value(0), api.value(2)]);
            const [to] = api.coord([api.value(1), api.value(2)]);
            const line = { x1: from, y1: y, x2: to, y2: y };
            return { type: 'line', shape: line, style: { stroke: '#24292f', lineWidth: 2 } };
          },
        },
        {
          name: 'goal',
          type: 'scatter',
          symbol: 'rect',
          symbolSize: [3, 22],
          itemStyle: { color: COLOUR.goal },
          data: table.pairs.flatMap(({ source, target }, at) => {
            const goal = timesFloorGoal(source, target, table);
            return goal === null ? [] : [[goal, at]];
          }),
        },
      ],
    },
    80 + 34 * names.length,
  );
}

/** Rows a second of everyone who moved this pair; a wrong answer is pale. */
export function rateChart(summary: PairSummary, rows: number): string {
  const bars = [
    { name: 'floor', rate: rows / summary.floor.seconds, colour: COLOUR.floor },
    { name: 'Ferrow', rate: summary.rowsPerSecond, colour: COLOUR.ferrow },
    ...summary.rivals
      .filter(({ rowsPerSecond }) => rowsPerSecond !== null)
      .map(({ name, verdict, rowsPerSecond }) => ({
        name: verdict === 'wrong' ? `${name} (wrong)` : name,
        rate: rowsPerSecond ?? 0,
        colour: verdict === 'wrong' ? COLOUR.wrong : COLOUR.rival,
      })),
  ];
  return svg(
    {
      title: { text: `${summary.name}: rows a second`, left: 0, textStyle: { fontSize: 14 } },
      grid: { left: 190, right: 90, top: 34, bottom: 24 },
      xAxis: { type: 'value', min: 0 },
      yAxis: { type: 'category', data: bars.map(({ name }) => name), inverse: true },
      series: [
        {
          type: 'bar',
          data: bars.map(({ rate, colour }) => ({ value: Math.round(rate), itemStyle: { color: colour } })),
          label: { show: true, position: 'right' },
        },
      ],
    },
    66 + 26 * bars.length,
  );
}

/** Whose CPU seconds a run takes, beside what the engines need alone. */
export function cpuChart(table: TableRun, summaries: readonly PairSummary[]): string {
  const engines = table.pairs.map(({ rounds }) =>
    round(
      medianOf(
        rounds.map(({ exported, imported }) => (exported.cpuSeconds ?? 0) + (imported.cpuSeconds ?? 0)),
      ),
    ),
  );
  const bar = (name: string, stack: string, color: string, data: (number | null)[]) => ({
    name,
    stack,
    type: 'bar' as const,
    itemStyle: { color },
    data,
  });
  const known = (value: number | null) => (value === null ? null : round(value));
  return svg(
    {
      title: { text: 'CPU seconds', left: 0, textStyle: { fontSize: 14 } },
      legend: { top: 0, right: 0, itemGap: 24 },
      grid: { left: 170, right: 40, top: 40, bottom: 30 },
      xAxis: { type: 'value', min: 0 },
      yAxis: { type: 'category', data: summaries.map(({ name }) => name), inverse: true },
      series: [
        bar(
          'Ferrow’s process',
          'run',
          COLOUR.ferrow,
          summaries.map(({ cpuSeconds }) => known(cpuSeconds)),
        ),
        bar(
          'PostgreSQL meanwhile',
          'run',
          '#7cb0ff',
          table.pairs.map(({ source, target }, at) =>
            source === 'postgres' || target === 'postgres' ? known(summaries[at].serverCpuSeconds) : null,
          ),
        ),
        bar('both engines alone', 'floor', COLOUR.floor, engines),
      ],
    },
    90 + 40 * summaries.length,
  );
}

/** Time a row and peak memory over the number of rows, a line for each pair. */
export function growthCharts(runs: readonly GrowthRun[]): string[] {
  const pairs = Map.groupBy(
    runs,
    ({ source, target }) => `${ENGINE_TITLE[source]} → ${ENGINE_TITLE[target]}`,
  );
  const chart = (title: string, value: (run: GrowthRun) => number | null) =>
    svg(
      {
        title: { text: title, left: 0, textStyle: { fontSize: 14 } },
        legend: { top: 0, right: 0, itemGap: 24 },
        grid: { left: 70, right: 40, top: 40, bottom: 40 },
        xAxis: { type: 'log', name: 'rows', nameLocation: 'middle', nameGap: 24 },
        yAxis: { type: 'value', min: 0 },
        series: [...pairs].map(([name, points]) => ({
          name,
          type: 'line' as const,
          label: { show: true },
          data: points.map((run) => [run.rows, value(run)]),
        })),
      },
      300,
    );
  return [
    chart('Microseconds a row', ({ wallSeconds, rows }) => round((wallSeconds / rows) * 1e6)),
    chart('Peak resident memory, MiB', ({ peakMiB }) => (peakMiB === null ? null : Math.round(peakMiB))),
  ];
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
