// The chart of `tune` as SVG text, drawn by echarts without a browser. Main thread. echarts weighs more than all of
// Ferrow (62 MB unpacked) and only this page needs it: it is an optional peer, loaded when a page is written.
import type { CustomSeriesOption } from 'echarts/charts';
import type { TuneReport } from '../transfer/tune-report.ts';
import { markOf } from './tune-words.ts';
import { count } from './words.ts';

const WIDTH = 900;
const ROW_HEIGHT = 26;
const COLORS = { recommended: '#2f7d4f', finalist: '#4878a8', other: '#c4ccd4', whisker: '#222' } as const;

/** Null where echarts is not installed. */
export async function tuneChart(report: TuneReport): Promise<string | null> {
  const parts = await loadEcharts();
  if (parts === null) return null;
  const { core, charts, components, renderers } = parts;
  core.use([charts.BarChart, charts.CustomChart, components.GridComponent, renderers.SVGRenderer]);
  const { settings } = report;
  const height = 60 + ROW_HEIGHT * settings.length;
  const chart = core.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  chart.setOption({
    animation: false,
    grid: { left: 190, right: 40, top: 10, bottom: 45 },
    xAxis: { type: 'value', name: 'rows/s', nameLocation: 'middle', nameGap: 26 },
    yAxis: {
      type: 'category',
      inverse: true,
      data: settings.map(
        ({ batchSize, workers, connections }) =>
          `${count(batchSize)} rows, ${count(workers)} w, ${count(connections)} c`,
      ),
    },
    series: [
      {
        type: 'bar',
        barWidth: '60%',
        data: settings.map((result) => ({
          value: result.rowsPerSecond.median,
          itemStyle: { color: colorOf(markOf(result, report), result.finalist) },
        })),
      },
      {
        type: 'custom',
        silent: true,
        data: settings.map(({ rowsPerSecond: { min, max } }, at) => [min, max, at]),
        encode: { x: [0, 1], y: 2 },
        renderItem: whisker,
      },
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

/** From the slowest run to the fastest. */
const whisker: CustomSeriesOption['renderItem'] = (_params, api) => {
  const [fromX, y] = api.coord([api.value(0), api.value(2)]);
  const [toX] = api.coord([api.value(1), api.value(2)]);
  const line = (x1: number, y1: number, x2: number, y2: number) => ({
    type: 'line' as const,
    shape: { x1, y1, x2, y2 },
    style: { stroke: COLORS.whisker, lineWidth: 1 },
  });
  return {
    type: 'group',
    children: [line(fromX, y, toX, y), line(fromX, y - 4, fromX, y + 4), line(toX, y - 4, toX, y + 4)],
  };
};

function colorOf(mark: string, finalist: boolean): string {
  if (mark.startsWith('recommended')) return COLORS.recommended;
  return finalist ? COLORS.finalist : COLORS.other;
}

async function loadEcharts() {
  try {
    const [core, charts, components, renderers] = await Promise.all([
      import('echarts/core'),
      import('echarts/charts'),
      import('echarts/components'),
      import('echarts/renderers'),
    ]);
    return { core, charts, components, renderers };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return null;
    throw error;
  }
}
